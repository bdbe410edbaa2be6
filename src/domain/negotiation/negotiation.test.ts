import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Standing } from '../attempts/standing.ts'
import type { PartsOverlap } from '../radar/parts-overlap.ts'
import { beginRound, escalate, type Negotiation, nextAct, QUIET, seeOverlap, seeStanding, settle } from './negotiation.ts'

const [ONE, OTHER] = ['p.f.a', 'p.f.b']
const RULING = { keeps: ONE, yields: OTHER, why: '' }
const ROUNDS = 3

type Event =
  | { readonly kind: 'overlap'; readonly heads: readonly [string, string]; readonly isCommitted: boolean }
  | { readonly kind: 'clear' }
  | { readonly kind: 'stands'; readonly handle: string; readonly standing: Standing }

const commit = fc.constantFrom('c1', 'c2')
const ready = (of: string): Standing => ({ kind: 'ready', commit: of, isValidated: true, summary: '', elapsedMs: 0 })
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('overlap' as const), heads: fc.tuple(commit, commit), isCommitted: fc.boolean() }),
  fc.record({ kind: fc.constant('clear' as const) }),
  fc.record({
    kind: fc.constant('stands' as const),
    handle: fc.constantFrom(ONE, OTHER),
    standing: fc.oneof(commit.map(ready), fc.constantFrom<Standing>({ kind: 'working' }, { kind: 'gone', reason: '' })),
  }),
)

test('whatever happens, rounds come in their order and at most so many, the person is asked once after the last, and only what stands is spoken of', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let state = QUIET
      let last = 0
      for (const each of events) {
        state = heard(state, each)
        const act = nextAct(state, ROUNDS)
        if (act?.kind === 'round') {
          expect(act.round).toBe(last + 1)
          expect(act.round).toBeLessThanOrEqual(ROUNDS)
          expect(act.overlap).toBe(state.overlap)
          last = act.round
          state = beginRound(state, { round: act.round, ruling: RULING, told: [OTHER], tried: '' })
        }
        if (act?.kind === 'escalate') {
          expect([last, state.phase]).toEqual([ROUNDS, 'open'])
          state = escalate(state)
        }
        if (act?.kind === 'settle') {
          expect([state.overlap, state.phase === 'quiet']).toEqual([undefined, false])
          last = 0
          state = settle(state)
        }
        // One act answers what was heard: nothing more is to be done without news.
        expect(nextAct(state, ROUNDS)).toBeUndefined()
      }
    }),
    { numRuns: 500 },
  )
})

function heard(state: Negotiation, each: Event): Negotiation {
  if (each.kind === 'stands') return seeStanding(state, each.handle, each.standing)
  if (each.kind === 'clear') return seeOverlap(state, undefined)
  const [one, other] = each.heads.map((head, index) => ({
    handle: [ONE, OTHER][index] ?? '',
    head,
    isCommitted: each.isCommitted,
    lines: 1,
  }))
  const overlap = one === undefined || other === undefined ? undefined : ({ one, other, files: [], fileCount: 1 } satisfies PartsOverlap)
  return seeOverlap(state, overlap)
}
