import type { Sha } from '../../foundation/brand.ts'
import type { BatchEnd } from '../../domain/queue/batch.ts'
import { breakageWords } from '../../domain/queue/breakage-words.ts'
import { chooseLandable } from '../../domain/queue/planning/landable.ts'
import { settleBatch } from '../../domain/queue/settle-batch.ts'
import type { Engine, Run } from '../../ports/engine.ts'
import type { Services } from '../services.ts'
import { BatchHands } from './batch-hands.ts'
import type { BatchInput, BatchOutput } from './batch-input.ts'
import { planBatch, type BatchPlan } from './plan-batch.ts'

export function defineBatch(engine: Engine, services: Services): void {
  engine.workflow('batch', (run, input: BatchInput) => {
    services.recallEnded()
    return runBatch(run, input, services)
  })
}

/** Lands what can be landed of these entries and tells each what became of it. What it leaves open waits for the next batch. */
async function runBatch(run: Run, input: BatchInput, services: Services): Promise<BatchOutput> {
  services.queue.batchBegan(run.id, input)
  services.queue.noteStep(run.id, { kind: 'planning' })
  const plan = await run.step('plan', () => planBatch(services, input))
  const hands = new BatchHands({ run, input, services, at: plan.at })
  for (const { entry, outcome } of plan.settled) await hands.tell(entry, outcome)
  for (const { entry, outcome } of matesOf(input, plan)) await hands.tell(entry, outcome)
  const end = await settle(input, plan, hands)
  await hands.requeueRest(restReason(end))
  return { end, ...hands.counts }
}

async function settle(input: BatchInput, plan: BatchPlan, hands: BatchHands): Promise<BatchEnd> {
  const open = input.offers
    .map(({ entry }) => ({ ...entry, rivals: plan.rivals[entry.id] ?? 0 }))
    .filter((entry) => !hands.isTold(entry.id))
  const chosen = chooseLandable(open, { withTarget: new Set(), pairs: plan.pairs })
  for (const { entry, with: others } of chosen.conflicting)
    await hands.tell(entry.id, { kind: 'requeued', reason: `conflicts with ${hands.names(others)}, which goes first` })
  for (const { entry, for: others } of chosen.waiting)
    await hands.tell(entry.id, { kind: 'requeued', reason: `waits for ${hands.names(others)}` })
  const first = input.offers[0]
  if (chosen.order.length === 0 || first === undefined) return { kind: 'settled' }
  const { steps, setup, slots } = first.settings
  return settleBatch(
    {
      target: plan.target,
      entries: chosen.order,
      steps: [...(setup === undefined ? [] : ['setup']), ...steps.map((step) => step.name)],
      slots,
      history: input.history,
      size: plan.size,
    },
    hands,
  )
}

/** A group lands whole or not at all: one that cannot land keeps the others back. */
function matesOf({ offers, target }: BatchInput, { settled }: BatchPlan): BatchPlan['settled'] {
  const told = new Map(settled.map(({ entry, outcome }) => [entry, outcome]))
  return offers.flatMap(({ entry }): BatchPlan['settled'] => {
    if (entry.group === undefined || told.has(entry.id)) return []
    const { group } = entry
    const stuck = offers.find(
      (other) => other.entry.group === group && ['sent-back', 'void'].includes(told.get(other.entry.id)?.kind ?? ''),
    )
    const outcome = stuck === undefined ? undefined : told.get(stuck.entry.id)
    if (stuck === undefined || outcome === undefined) return []
    const why = outcome.kind === 'sent-back' ? breakageWords(outcome.breakage, target) : 'its branch moved'
    return [{ entry: entry.id, outcome: { kind: 'sent-back', breakage: { kind: 'group', group, because: `${stuck.entry.name}: ${why}` } } }]
  })
}

function restReason(end: BatchEnd): string {
  switch (end.kind) {
    case 'settled':
      return 'not decided yet'
    case 'red-target':
      return `the target itself fails: ${end.summary}`
    case 'target-moved':
      return `the target moved to ${short(end.found)}`
    case 'stopped':
      return 'the run was stopped'
  }
}

function short(commit: Sha): string {
  return commit.slice(0, 10)
}
