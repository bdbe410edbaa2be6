import { expect, it } from 'vitest'
import { shortId } from './ids.ts'

it('short ids have the asked length and hardly ever meet', () => {
  const ids = Array.from({ length: 2000 }, () => shortId(10))
  expect(new Set(ids).size).toBe(2000)
  expect(ids.every((id) => /^[2-9b-z]{10}$/.test(id))).toBe(true)
})
