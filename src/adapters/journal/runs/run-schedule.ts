import type { Clock } from '../../../platform/clock.ts'
import type { JournalEvent } from '../journal-event.ts'
import type { LiveRun } from './live-run.ts'
import type { Body } from './run-execution.ts'
import { RunQueue } from './run-queue.ts'

export interface ScheduleHost {
  readonly clock: Clock
  readonly isClosed: boolean
  record(event: JournalEvent, signal: AbortSignal): Promise<void>
}

/** Which live run works now: one whose workflow and queue are declared, as soon as its queue has a place for it. */
export class RunSchedule {
  readonly #host: ScheduleHost
  readonly #bodies = new Map<string, Body>()
  readonly #queues = new Map<string, RunQueue<LiveRun>>()

  constructor(host: ScheduleHost) {
    this.#host = host
  }

  declareWorkflow(name: string, body: Body): void {
    this.#bodies.set(name, body)
  }

  hasWorkflow(name: string): boolean {
    return this.#bodies.has(name)
  }

  declareQueue(name: string, concurrency: number): 'new' | 'known' {
    const known = this.#queues.get(name)
    if (known === undefined) this.#queues.set(name, new RunQueue(concurrency, (live) => void this.#begin(live)))
    else known.setConcurrency(concurrency)
    return known === undefined ? 'new' : 'known'
  }

  hasQueue(name: string): boolean {
    return this.#queues.has(name)
  }

  /** Does nothing for a run whose workflow or queue nobody has declared yet: it waits for that. */
  add(live: LiveRun): void {
    const body = this.#bodies.get(live.state.name)
    const queue = live.state.queue === undefined ? undefined : this.#queues.get(live.state.queue)
    if (body === undefined || (live.state.queue !== undefined && queue === undefined)) return
    live.phase = 'queued'
    if (queue === undefined) void this.#begin(live)
    else queue.add(live)
  }

  leaveQueue(live: LiveRun): void {
    if (live.state.queue !== undefined && !this.#host.isClosed) this.#queues.get(live.state.queue)?.remove(live)
  }

  async #begin(live: LiveRun): Promise<void> {
    const body = this.#bodies.get(live.state.name)
    if (body === undefined || live.state.end !== undefined || this.#host.isClosed) return this.leaveQueue(live)
    live.phase = 'running'
    live.done = this.#execute(live, body)
    await live.done
    this.leaveQueue(live)
  }

  async #execute(live: LiveRun, body: Body): Promise<void> {
    const { state, execution } = live
    try {
      if (state.queue !== undefined && !state.hasBegun) {
        await this.#host.record({ v: 1, type: 'begin', run: state.id, at: this.#host.clock.now() }, execution.signal)
      }
    } catch {
      return // cancelled or closed before it began
    }
    if (!execution.signal.aborted) await execution.execute(body)
  }
}
