import type { Batch, BatchEnd } from './batch.ts'
import type { Hands, Why } from './hands.ts'
import { BatchOver, MembersGone } from './settling/interruption.ts'
import { isolate } from './settling/isolation.ts'
import { judgeAccused } from './settling/judgement.ts'
import { settleNested } from './settling/nested-settling.ts'
import { Settlement } from './settling/settlement.ts'
import { testWhole } from './settling/whole-test.ts'

/** Rounds in a row that decide about nobody: each layer of failures that hides another takes one, flaky tests take the others. */
const MOST_IDLE = 10

/**
 * Lands what can land of a batch, and finds out who cannot and why. The whole batch is tested first, so that a clean one costs one run (Dorfman 1943;
 * bors). When it is red, only the failing tests are asked of other trees; who is to blame leaves, the rest is tested whole and lands, and who was
 * accused is judged against that. Right whatever `rank` says and whatever tests fail by accident; the same answers lead to the same calls.
 */
export async function settleBatch(batch: Batch, hands: Hands): Promise<BatchEnd> {
  const s = new Settlement(batch, hands)
  try {
    for (let idle = 0; s.open.length > 0;) {
      const before = s.open.length
      if (idle < MOST_IDLE) await settleRound(s)
      else await s.requeue(s.open, 'the tests contradict each other from run to run')
      idle = s.open.length < before ? 0 : idle + 1
    }
    return { kind: 'settled' }
  } catch (error) {
    if (!(error instanceof BatchOver)) throw error
    await s.requeue(s.open, error.reason)
    return error.end
  }
}

/** One run of everything that is not accused, and what follows from it. Who turns out not to belong leaves, and the next round goes on without. */
async function settleRound(s: Settlement): Promise<void> {
  try {
    const line = s.line
    if (line.length === 0) return await judgeAccused(s)
    const tree = { base: s.base, members: s.membersOf(line) }
    const found = await testWhole(s, tree, whyOf(s))
    if (found.kind === 'red') return await isolate(s, line, found.symptoms)
    if (found.kind === 'opaque') return await settleNested(s, line, found.run)
    await s.land(line)
    await judgeAccused(s)
  } catch (error) {
    if (!(error instanceof MembersGone)) throw error
    await s.drop(error.gone)
  }
}

function whyOf(s: Settlement): Why {
  if (s.inquiry.runs === 0) return 'batch'
  return s.landed.length > 0 ? 'cleared' : 'rest'
}
