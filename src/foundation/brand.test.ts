import { expect, test } from 'vitest'
import { parseHandle } from './brand.ts'

test('a handle is a project and a task, or an attempt at it', () => {
  expect(parseHandle('shop.login')).toEqual({ handle: 'shop.login', project: 'shop', task: 'login' })
  expect(parseHandle('shop.login-2.12')).toMatchObject({ task: 'login-2.12' })
  for (const text of [
    'shop',
    'shop.',
    'shop.login.',
    'shop.login.0',
    'shop.login.X',
    'shop.login.1.2',
    'shop..2',
    '.login.2',
    'shop.login.200',
  ])
    expect(parseHandle(text), text).toBeUndefined()
})
