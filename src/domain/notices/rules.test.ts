import { expect, test } from 'vitest'
import type { Notice } from './notice.ts'
import { routeOf } from './rules.ts'

const all = ['desktop', 'terminal', 'webhook:1', 'webhook:2']
const notice = (more: Partial<Notice>): Notice => ({
  id: 'a',
  kind: 'needs-you',
  urgency: 'high',
  at: 0,
  project: 'shop',
  title: '',
  text: '',
  next: '',
  ...more,
})
const landed = notice({ kind: 'landed', urgency: 'low' })

test('without a rule all channels tell all but small matters, and none in quiet hours', () => {
  expect(routeOf(notice({}), [], all)).toEqual({ to: all, isLoud: false })
  expect(routeOf(landed, [], all)).toEqual({ to: [], isLoud: false })
})

test('of each question the first rule that answers it counts', () => {
  const rules = [
    { kinds: ['landed'], channels: ['webhook'] },
    { urgency: 'high', quiet: 'tell' },
    { projects: ['shop'], channels: ['desktop'], quiet: 'hold' },
  ] as const
  expect(routeOf(landed, rules, all)).toEqual({ to: ['webhook:1', 'webhook:2'], isLoud: false })
  expect(routeOf(notice({}), rules, all)).toEqual({ to: ['desktop'], isLoud: true })
  expect(routeOf(notice({ project: 'other', urgency: 'normal' }), rules, all)).toEqual({ to: all, isLoud: false })
  expect(routeOf(notice({}), [{ channels: ['webhook:2'] }], all).to).toEqual(['webhook:2'])
  expect(routeOf(notice({}), [{ channels: [] }], all).to).toEqual([])
  expect(routeOf(notice({}), [{ channels: ['webhook'] }], ['desktop']).to).toEqual([])
})
