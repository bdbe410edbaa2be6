import type { Json } from '../foundation/json.ts'

/**
 * Durable workflows. A body is replayed from its start after a crash: finished steps give their recorded output,
 * the rest runs. Between a step's effect and its record a crash repeats the effect, so steps make themselves idempotent.
 * All inputs, outputs and message bodies are JSON values. Bodies are deterministic outside `step`.
 */
export interface Engine {
  workflow<I extends Json, O extends Json | void>(name: string, body: (run: Run, input: I) => Promise<O>): void
  /** Caps how many runs of this queue are live at once; called again it changes the cap. */
  queue(name: string, options: { concurrency: number }): void
  /** Starts a run, or finds the one with this id: never two. Higher priority leaves the queue first; ties by start order. */
  start(name: string, input: Json, options: StartOptions): Promise<RunHandle>
  /** Durable, in order per topic, each message consumed once; a repeated key is dropped; an unknown run is a Failure `unknown-run`. */
  send(id: string, topic: string, body: Json, key: string): Promise<void>
  /** Aborts the signal of the running step and ends the run as `cancelled`; children are cancelled too. Comes back when nothing of them works any more. */
  cancel(id: string): Promise<void>
  get(id: string): RunRecord | undefined
  list(): readonly RunRecord[]
  /** Replays the log and continues every run that has no end; resolves when all that can run have come to where they stood. */
  launch(): Promise<void>
  /** Stops taking work; runs stay where they are for the next launch. Running steps get their signal aborted. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly id: string
  readonly queue?: string
  readonly priority?: number
}

export interface RunHandle {
  readonly id: string
  /** Resolves to the output; rejects with the recorded failure or `Cancelled`. */
  result(): Promise<Json>
}

export interface Run {
  readonly id: string
  readonly signal: AbortSignal
  /** The output must be a JSON value (checked when it is recorded). A failing step is recorded with its code and rethrown as a Failure; an aborted one is not recorded. */
  step<T>(name: string, effect: (signal: AbortSignal) => Promise<T> | T): Promise<T>
  send(to: string, topic: string, body: Json): Promise<void>
  /** The next message of the topic; null after `timeoutMs` counted from the first time this wait was reached. */
  recv<T extends Json>(topic: string, timeoutMs?: number): Promise<T | null>
  /** A child run; its id is `<parent>/<name>.<n>` unless given. One that its parent did not wait for is cancelled when the parent fails. */
  call<T extends Json>(name: string, input: Json, options?: { id?: string; queue?: string; priority?: number }): Promise<T>
}

export interface RunRecord {
  readonly id: string
  readonly name: string
  readonly input: Json
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly output?: Json
  readonly failure?: { readonly code: string; readonly message: string }
  readonly startedAt: number
  readonly endedAt?: number
}

export type { Json }

/** Thrown out of a cancelled run's steps. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/** Thrown out of running steps when the engine closes; the run itself goes on at the next launch. */
export class EngineClosed extends Error {
  override readonly name = 'EngineClosed'
}
