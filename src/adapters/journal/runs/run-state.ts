import type { Json, RunRecord } from '../../../ports/engine.ts'
import type { EndedEvent, JournalEvent, MessageEvent, RecordedFailure, StepEvent } from '../journal-event.ts'

/** What the journal says about one run. */
export interface RunState {
  readonly id: string
  readonly name: string
  readonly input: Json
  readonly queue: string | undefined
  readonly priority: number
  readonly parent: string | undefined
  readonly startedAt: number
  hasBegun: boolean
  /** By position; in the order of the journal, which is the order of delivery. */
  readonly steps: Map<number, StepEvent>
  /** Deadlines of waits, by position. */
  readonly waits: Map<number, number>
  /** Messages that no step took yet, in order of arrival, by key. */
  readonly inbox: Map<string, MessageEvent>
  readonly keys: Set<string>
  end: RunEnd | undefined
}

export interface RunEnd {
  readonly status: 'done' | 'failed' | 'cancelled'
  readonly output?: Json
  readonly failure?: RecordedFailure
  readonly at: number
}

export type Runs = Map<string, RunState>

/**
 * Folds one event into the runs; false when it changes nothing: a start of a known run, a second end,
 * anything for a run that ended or is not known, a repeated message. The journal may hold such events, because
 * what is appended at the same time is only ordered by the append.
 */
export function applyEvent(runs: Runs, event: JournalEvent): boolean {
  if (event.type === 'start') return runs.has(event.run) ? false : (runs.set(event.run, newRun(event)), true)
  if (event.type === 'ended') return (runs.set(event.run, endedRun(event)), true)
  const run = runs.get(event.run)
  if (run === undefined || run.end !== undefined) return false
  switch (event.type) {
    case 'begin':
      run.hasBegun = true
      return true
    case 'step':
      return addStep(run, event)
    case 'wait':
      return run.waits.has(event.seq) ? false : (run.waits.set(event.seq, event.until), true)
    case 'message':
      return addMessage(run, event)
    case 'end':
      endRun(run, event)
      return true
  }
}

export function toRunRecord(run: RunState, isRunning: boolean): RunRecord {
  const { end } = run
  return {
    id: run.id,
    name: run.name,
    input: run.input,
    status: end?.status ?? (isRunning ? 'running' : 'queued'),
    startedAt: run.startedAt,
    ...(end?.output === undefined ? {} : { output: end.output }),
    ...(end?.failure === undefined ? {} : { failure: { code: end.failure.code, message: end.failure.message } }),
    ...(end === undefined ? {} : { endedAt: end.at }),
  }
}

function newRun(event: Extract<JournalEvent, { type: 'start' }>): RunState {
  return {
    id: event.run,
    name: event.name,
    input: event.input,
    queue: event.queue,
    priority: event.priority ?? 0,
    parent: event.parent,
    startedAt: event.at,
    hasBegun: false,
    steps: new Map(),
    waits: new Map(),
    inbox: new Map(),
    keys: new Set(),
    end: undefined,
  }
}

function endedRun(event: EndedEvent): RunState {
  const { type: _type, v: _v, startedAt, endedAt, status, output, failure, ...start } = event
  const run = newRun({ v: 1, type: 'start', ...start, at: startedAt })
  run.end = endOf({ status, at: endedAt }, output, failure)
  return run
}

function addStep(run: RunState, event: StepEvent): boolean {
  if (run.steps.has(event.seq)) return false
  run.hasBegun = true
  run.steps.set(event.seq, event)
  if (event.took !== undefined) run.inbox.delete(event.took)
  return true
}

function addMessage(run: RunState, event: MessageEvent): boolean {
  if (run.keys.has(event.key)) return false
  run.keys.add(event.key)
  run.inbox.set(event.key, event)
  return true
}

function endRun(run: RunState, event: Extract<JournalEvent, { type: 'end' }>): void {
  run.end = endOf({ status: event.status, at: event.at }, event.output, event.failure)
  for (const kept of [run.steps, run.waits, run.inbox, run.keys]) kept.clear()
}

function endOf(end: Pick<RunEnd, 'status' | 'at'>, output: Json | undefined, failure: RecordedFailure | undefined): RunEnd {
  return { ...end, ...(output === undefined ? {} : { output }), ...(failure === undefined ? {} : { failure }) }
}
