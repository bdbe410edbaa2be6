import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { invariant } from '../../foundation/invariant.ts'
import type { Clock } from '../../platform/clock.ts'
import type { GenerationLock } from '../../platform/generation-lock.ts'
import type { Engine, Json, Run, RunHandle, RunRecord, StartOptions } from '../../ports/engine.ts'
import { Cancelled, EngineClosed } from '../../ports/engine.ts'
import { compact } from './compaction.ts'
import type { JournalEvent } from './journal-event.ts'
import { loadLog } from './log-file.ts'
import type { DiskWrite } from './log.ts'
import { Log, writeToDisk } from './log.ts'
import { own } from './ownership.ts'
import { jsonCopy } from './recorded-value.ts'
import type { LiveRun } from './runs/live-run.ts'
import { begunFirst, createLiveRun, resultOf, settleResult } from './runs/live-run.ts'
import type { CallOptions, ExecutionHost } from './runs/run-execution.ts'
import type { ScheduleHost } from './runs/run-schedule.ts'
import { RunSchedule } from './runs/run-schedule.ts'
import type { RunState, Runs } from './runs/run-state.ts'
import { applyEvent, toRunRecord } from './runs/run-state.ts'

export interface JournalOptions {
  /** Holds `events.jsonl`, `archive.jsonl` and the owner's lock; made if it is not there. */
  readonly folder: string
  readonly clock: Clock
  /** A log larger than this is rewritten at launch without the runs that ended. */
  readonly compactAboveBytes?: number
  /** How long to wait before a result that could not be written is tried again. */
  readonly retryWriteMs?: number
  /** How long `close` waits for running steps to heed their signal. */
  readonly closeGraceMs?: number
  readonly write?: DiskWrite
}

/** Durable runs over one append-only file, for one process. */
export function createJournalEngine(options: JournalOptions): Engine {
  return new JournalEngine(options)
}

class JournalEngine implements Engine, ExecutionHost, ScheduleHost {
  readonly clock: Clock
  readonly #options: JournalOptions
  readonly #scheduler: RunSchedule
  readonly #runs: Runs = new Map()
  readonly #live = new Map<string, LiveRun>()
  readonly #starting = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()
  #log: Log | undefined
  #lock: GenerationLock | undefined
  #closed: Promise<void> | undefined

  constructor(options: JournalOptions) {
    this.#options = options
    this.clock = options.clock
    this.#scheduler = new RunSchedule(this)
  }

  workflow<I extends Json, O extends Json | void>(name: string, body: (run: Run, input: I) => Promise<O>): void {
    this.#scheduler.declareWorkflow(name, (run, input) => body(run, input as I))
    if (this.#log !== undefined) for (const live of this.#live.values()) if (live.state.name === name) this.#schedule(live)
  }

  queue(name: string, options: { concurrency: number }): void {
    if (this.#scheduler.declareQueue(name, options.concurrency) === 'known') return
    if (this.#log !== undefined) for (const live of this.#live.values()) if (live.state.queue === name) this.#schedule(live)
  }

  async launch(): Promise<void> {
    invariant(this.#lock === undefined && this.#closed === undefined, 'an engine is launched once')
    this.#lock = await own(this.#options.folder)
    try {
      const size = await this.#load()
      const path = join(this.#options.folder, 'events.jsonl')
      this.#log = await Log.open(path, size, this.#options.write ?? writeToDisk, (event) => this.#committed(event))
    } catch (error) {
      await this.#lock.release()
      throw error
    }
    for (const run of this.#runs.values()) if (run.end === undefined) this.#adopt(run)
    const live = [...this.#live.values()].sort(begunFirst)
    for (const each of live) this.#schedule(each)
    // Not those that wait in a queue whose cap is lower now: they are replayed when their turn comes.
    await Promise.all(live.filter((each) => each.phase === 'running').map((each) => each.execution.replayed))
    // What their bodies do with the last recorded result, up to the next call, they do in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
  }

  async start(name: string, input: Json, options: StartOptions): Promise<RunHandle> {
    await this.#ensureStarted(name, input, options, undefined, (event) => this.#append(event))
    return { id: options.id, result: () => this.#result(options.id) }
  }

  async send(id: string, topic: string, body: Json, key: string): Promise<void> {
    await this.#deliver(id, topic, body, key, (event) => this.#append(event))
  }

  async cancel(id: string): Promise<void> {
    await this.#starting.get(id)
    const run = this.#runs.get(id)
    if (run === undefined) throw unknownRun(id)
    if (run.end !== undefined) return
    const family = this.#withDescendants(run)
    const live = family.flatMap((each) => this.#live.get(each.id) ?? [])
    await Promise.all(family.map((each) => this.#append(this.#cancellation(each))))
    await Promise.all(live.map((each) => each.done))
  }

  get(id: string): RunRecord | undefined {
    const run = this.#runs.get(id)
    return run && toRunRecord(run, this.#isRunning(run))
  }

  list(): readonly RunRecord[] {
    return [...this.#runs.values()].map((run) => toRunRecord(run, this.#isRunning(run)))
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  async record(event: JournalEvent, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await this.#append(event)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        await this.clock.wait(this.#options.retryWriteMs ?? 1000, signal) // the output is kept here until there is room
      }
    }
  }

  sendFrom(signal: AbortSignal, to: string, topic: string, body: Json, key: string): Promise<void> {
    return this.#deliver(to, topic, body, key, (event) => this.record(event, signal))
  }

  async callFrom(signal: AbortSignal, parent: string, name: string, input: Json, options: CallOptions): Promise<Json> {
    await this.#ensureStarted(name, input, options, parent, (event) => this.record(event, signal))
    try {
      return await untilAborted(this.#result(options.id), signal)
    } catch (error) {
      if (!(error instanceof Cancelled) || signal.aborted) throw error
      throw new Failure('run-cancelled', `Run ${options.id} was cancelled`, { facts: { run: options.id } })
    }
  }

  async #load(): Promise<number> {
    const { folder, compactAboveBytes = 8 * 1024 * 1024 } = this.#options
    const paths = { log: join(folder, 'events.jsonl'), archive: join(folder, 'archive.jsonl') }
    for (const event of (await loadLog(paths.archive)).events) applyEvent(this.#runs, event)
    const { events, size } = await loadLog(paths.log)
    for (const event of events) applyEvent(this.#runs, event)
    return size > compactAboveBytes ? compact(paths, events, this.#runs) : size
  }

  #append(event: JournalEvent): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(closedError())
    invariant(this.#log !== undefined, 'the engine is launched before it is used')
    return this.#log.append(event)
  }

  /** Called in the order of the file: from here on the event is a fact. */
  #committed(event: JournalEvent): void {
    if (!applyEvent(this.#runs, event)) return
    const live = this.#live.get(event.run)
    if (event.type === 'start') this.#started(event.run)
    if (event.type === 'step') live?.execution.recorded(event)
    if (event.type === 'message') live?.execution.arrived(event)
    if (event.type === 'end' && live !== undefined) this.#ended(live)
  }

  #started(id: string): void {
    const state = this.#runs.get(id)
    if (state !== undefined) this.#schedule(this.#adopt(state))
  }

  #ended(live: LiveRun): void {
    const { end, id } = live.state
    this.#live.delete(id)
    if (end?.status === 'cancelled') live.execution.abort(new Cancelled(`run ${id} was cancelled`))
    if (live.phase !== 'running') this.#scheduler.leaveQueue(live)
    if (end?.status === 'failed') this.#endChildren(live.state)
    settleResult(live)
  }

  /** Nobody waits for them any more, and what they hold (a place in a queue) would be held for ever. */
  #endChildren(parent: RunState): void {
    const [, ...below] = this.#withDescendants(parent)
    for (const each of below) this.#cancelSoon(each)
  }

  #adopt(state: RunState): LiveRun {
    const live = createLiveRun(state, this)
    this.#live.set(state.id, live)
    return live
  }

  #schedule(live: LiveRun): void {
    if (live.phase !== 'new' || this.isClosed) return
    if (this.#isOrphan(live.state)) this.#cancelSoon(live.state)
    else this.#scheduler.add(live)
  }

  /** A child that was started while its parent was being cancelled, or that a crash left behind its failed parent. */
  #isOrphan({ parent }: RunState): boolean {
    const above = parent === undefined ? undefined : this.#runs.get(parent)
    return above !== undefined && (above.end === undefined ? this.#isOrphan(above) : above.end.status !== 'done')
  }

  #cancelSoon(run: RunState): void {
    void this.record(this.#cancellation(run), this.#closing.signal).catch(() => undefined)
  }

  async #ensureStarted(name: string, input: Json, options: StartOptions, parent: string | undefined, append: Append): Promise<void> {
    const { id, queue, priority } = options
    if (this.#runs.has(id)) return
    const starting = this.#starting.get(id)
    if (starting !== undefined) return starting
    if (!this.#scheduler.hasWorkflow(name)) throw new Failure('unknown-workflow', `There is no workflow "${name}"`, { facts: { name } })
    if (queue !== undefined && !this.#scheduler.hasQueue(queue))
      throw new Failure('unknown-queue', `There is no queue "${queue}"`, { facts: { queue } })
    const more = {
      ...(queue === undefined ? {} : { queue }),
      ...(priority === undefined ? {} : { priority }),
      ...(parent === undefined ? {} : { parent }),
    }
    const copy = jsonCopy(input, `the input of ${id}`)
    const appended = append({ v: 1, type: 'start', run: id, name, input: copy, ...more, at: this.clock.now() })
    this.#starting.set(id, appended)
    await appended.finally(() => this.#starting.delete(id))
  }

  async #deliver(id: string, topic: string, body: Json, key: string, append: Append): Promise<void> {
    await this.#starting.get(id)
    const run = this.#runs.get(id)
    if (run === undefined) throw unknownRun(id)
    if (run.end !== undefined || run.keys.has(key)) return
    await append({ v: 1, type: 'message', run: id, topic, body: jsonCopy(body, `the message to ${id}`), key, at: this.clock.now() })
  }

  #result(id: string): Promise<Json> {
    const live = this.#live.get(id)
    if (live !== undefined) return live.result.promise
    const state = this.#runs.get(id)
    return state === undefined ? Promise.reject(unknownRun(id)) : resultOf(state)
  }

  #withDescendants(run: RunState): RunState[] {
    const children = [...this.#live.values()].filter((live) => live.state.parent === run.id)
    return [run, ...children.flatMap((live) => this.#withDescendants(live.state))]
  }

  #cancellation(run: RunState): JournalEvent {
    return { v: 1, type: 'end', run: run.id, status: 'cancelled', at: this.clock.now() }
  }

  #isRunning(run: RunState): boolean {
    return run.queue === undefined || run.hasBegun || this.#live.get(run.id)?.phase === 'running'
  }

  async #close(): Promise<void> {
    await Promise.resolve() // so that `#closed` is set before anything below looks at it
    const live = [...this.#live.values()]
    this.#closing.abort(closedError())
    for (const each of live) {
      each.execution.abort(closedError())
      each.result.reject(closedError())
    }
    const grace = new AbortController()
    const patience = this.clock.wait(this.#options.closeGraceMs ?? 5000, grace.signal).catch(() => undefined)
    await Promise.race([Promise.all(live.map((each) => each.done)), patience])
    grace.abort()
    await this.#log?.close()
    await this.#lock?.release()
  }
}

type Append = (event: JournalEvent) => Promise<void>

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function unknownRun(id: string): Failure {
  return new Failure('unknown-run', `There is no run "${id}"`, { facts: { id } })
}

function closedError(): EngineClosed {
  return new EngineClosed('the engine was closed; the run goes on at the next launch')
}
