import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compactLines } from './compaction.ts'
import { deliveriesOf } from './delivery/deliveries.ts'
import { knownNotices } from './known-notices.ts'
import { type NoticeFact, type NoticeLine, parseNoticeLines, renderNoticeLines } from './notice-record.ts'

const ids = Array.from({ length: 400 }, (_, at) => `n${at}`)
const bring = (id: string): NoticeFact => ({
  type: 'notice',
  notice: { id, kind: 'failed', urgency: 'high', at: 1, title: id, text: '', next: '' },
  to: ['desktop', 'webhook:1'],
  at: 1,
})
const numbered = (facts: readonly NoticeFact[]): readonly NoticeLine[] => facts.map((fact, at) => ({ n: at + 1, ...fact }))

test('what is open is known as before, and what is forgotten is not found anew', () => {
  const some = fc.subarray(ids, { minLength: 1 })
  const message = fc.record({ channel: fc.constantFrom('desktop', 'webhook:1'), key: fc.constantFrom('k1', 'k2', 'k3'), at: fc.nat(9) })
  const fact = fc.oneof(
    some.map((over): NoticeFact => ({ type: 'over', ids: over, why: 'settled' })),
    some.map((over): NoticeFact => ({ type: 'over', ids: over, why: 'seen' })),
    some.map((again): NoticeFact => ({ type: 'again', ids: again })),
    fc.tuple(message, some).map(([one, told]): NoticeFact => ({ type: 'sending', ...one, ids: told })),
    message.map((one): NoticeFact => ({ type: 'sent', ...one })),
    message.map((one): NoticeFact => ({ type: 'retry', ...one, reason: 'answered 503' })),
  )
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 12 }), fc.subarray([...ids, 'other']), (facts, standing) => {
      const lines = numbered([...ids.map(bring), ...facts])
      const compact = parseNoticeLines(renderNoticeLines(compactLines(lines, new Set(standing))))
      const [before, after] = [knownNotices(lines), knownNotices(compact)]
      for (const [id, known] of before.notices) {
        if (known.over === undefined) expect(after.notices.get(id)).toEqual(known)
        else if (standing.includes(id)) expect(after.notices.has(id) || after.silent.has(id)).toBe(true)
      }
      expect(after.silent.has('other')).toBe(false)
      for (const channel of ['desktop', 'webhook:1']) {
        const [was, is] = [deliveriesOf(lines, channel), deliveriesOf(compact, channel)]
        expect(is.open).toEqual(was.open)
        for (const id of after.notices.keys()) expect(is.told.has(id)).toBe(was.told.has(id))
      }
      expect(compact.at(-1)?.n).toBeGreaterThan(lines.at(-1)?.n ?? 0)
    }),
    { numRuns: 30 },
  )
})
