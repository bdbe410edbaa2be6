import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deliveriesOf } from './deliveries.ts'
import { knownNotices } from '../known-notices.ts'
import { nextMessage } from './next-message.ts'
import type { NoticeFact, NoticeLine } from '../notice-record.ts'

const CHANNEL = 'webhook:1'

test('whatever comes whenever: each is told once, none too soon after another of its thing, and at the end nothing is left', () => {
  const coming = fc.array(fc.record({ at: fc.nat(200_000), thing: fc.constantFrom('api', 'web', 'docs') }), { maxLength: 12 })
  fc.assert(
    fc.property(coming, (all) => {
      const lines: NoticeLine[] = []
      const add = (fact: NoticeFact): void => void lines.push({ n: lines.length + 1, ...fact })
      const waiting = all.map((one, number) => ({ ...one, id: `${one.thing} ${number}` })).toSorted((a, b) => a.at - b.at)
      const told: { at: number; ids: readonly string[] }[] = []
      let now = 0
      for (;;) {
        const record = deliveriesOf(lines, CHANNEL)
        const next = nextMessage({ channel: CHANNEL, notices: knownNotices(lines).notices.values(), record, now, quietUntil: undefined })
        if (next.kind === 'tell') {
          add({ type: 'sending', channel: CHANNEL, key: `k${told.length}`, ids: next.ids, at: now })
          add({ type: 'sent', channel: CHANNEL, key: `k${told.length}`, at: now })
          told.push({ at: now, ids: next.ids })
          continue
        }
        const [coming] = waiting
        if (coming === undefined && next.kind === 'nothing') break
        now = Math.min(coming?.at ?? Infinity, next.kind === 'wait' ? next.until : Infinity)
        if (coming?.at !== now) continue
        waiting.shift()
        const notice = {
          id: coming.id,
          kind: 'failed',
          urgency: 'high',
          at: now,
          handle: coming.thing,
          title: '',
          text: '',
          next: '',
        } as const
        add({ type: 'notice', notice, to: [CHANNEL], at: now })
      }
      expect(told.flatMap(({ ids }) => ids).toSorted()).toEqual(all.map(({ thing }, number) => `${thing} ${number}`).toSorted())
      for (const thing of ['api', 'web', 'docs']) {
        const times = told.filter(({ ids }) => ids.some((id) => id.startsWith(thing))).map(({ at }) => at)
        for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(60_000)
      }
    }),
    { numRuns: 200 },
  )
})
