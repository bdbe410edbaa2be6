import type { Json } from '../../../ports/engine.ts'
import { Cancelled } from '../../../ports/engine.ts'
import { toFailure } from '../recorded-value.ts'
import type { ExecutionHost } from './run-execution.ts'
import { RunExecution } from './run-execution.ts'
import type { RunState } from './run-state.ts'

/** A run that has not ended, in this process. */
export interface LiveRun {
  readonly state: RunState
  readonly execution: RunExecution
  readonly result: Deferred
  /** 'new' also for a run whose workflow or queue is not declared. */
  phase: 'new' | 'queued' | 'running'
  done: Promise<void>
}

export function createLiveRun(state: RunState, host: ExecutionHost): LiveRun {
  return { state, execution: new RunExecution(state, host), result: deferred(), phase: 'new', done: Promise.resolve() }
}

interface Deferred {
  readonly promise: Promise<Json>
  readonly resolve: (value: Json) => void
  readonly reject: (reason: unknown) => void
}

function deferred(): Deferred {
  let resolve: (value: Json) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<Json>((yes, no) => ([resolve, reject] = [yes, no]))
  promise.catch(() => undefined) // nobody has to ask for the result
  return { promise, resolve, reject }
}

export function settleResult(live: LiveRun): void {
  resultOf(live.state).then(live.result.resolve, live.result.reject)
}

export async function resultOf(run: RunState): Promise<Json> {
  if (run.end?.status === 'cancelled') throw new Cancelled(`run ${run.id} was cancelled`)
  if (run.end?.failure !== undefined) throw toFailure(run.end.failure)
  return run.end?.output ?? null
}

/** What was at work when the last process ended goes before what only waited. */
export function begunFirst(a: LiveRun, b: LiveRun): number {
  return Number(b.state.hasBegun) - Number(a.state.hasBegun)
}
