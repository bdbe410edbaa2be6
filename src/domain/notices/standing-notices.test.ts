import { expect, test } from 'vitest'
import type { InboxItem } from '../gates/inbox-item.ts'
import { type FleetSeen, standingNotices } from './standing-notices.ts'

const item = (more: Partial<InboxItem>): InboxItem => ({
  id: 'm12',
  kind: 'question',
  project: 'shop',
  who: 'shop.api',
  what: 'Which?',
  text: 'Which?',
  since: '2026-01-02T12:00:00.000Z',
  next: 'orch answer m12 "…"',
  ...more,
})
const fleet = (...waits: readonly InboxItem[]): FleetSeen => ({ waits, tasks: [], isAtEnd: false, limit: undefined })
const only = (waiting: InboxItem) => standingNotices(fleet(waiting), (cause) => cause)[0]

test('a question is the same one, also when the inbox calls it by its project; a task comes to the same point anew', () => {
  expect(only(item({ id: 'shop/m12' }))?.id).toBe(only(item({}))?.id)
  expect(only(item({ since: '2026-01-02T13:00:00.000Z' }))?.id).toBe(only(item({}))?.id)
  expect(only(item({ project: 'other' }))?.id).not.toBe(only(item({}))?.id)
  const failed = item({ kind: 'failed', id: 'shop.api' })
  expect(only({ ...failed, since: '2026-01-02T13:00:00.000Z' })?.id).not.toBe(only(failed)?.id)
})

test('what an agent wrote is plain and short', () => {
  const evil = only(item({ text: `\u001b]0;title\u0007 two\nlines ${'x'.repeat(5000)}` }))
  expect(evil?.text).toMatch(/^ ?two\nlines x+…$/)
  expect(evil?.text.length).toBeLessThanOrEqual(600)
  expect(only(item({ text: Array.from({ length: 50 }, (_, at) => `line ${at}`).join('\n') }))?.text.split('\n')).toHaveLength(9)
  expect(only(item({ options: ['keep', 'drop'] }))?.text).toBe('Which?\n– keep\n– drop')
})
