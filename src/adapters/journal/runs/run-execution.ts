import { Failure } from '../../../foundation/failure.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Json, Run } from '../../../ports/engine.ts'
import { Cancelled } from '../../../ports/engine.ts'
import { Delivery } from './delivery.ts'
import { Inbox } from './inbox.ts'
import type { JournalEvent, MessageEvent, StepEvent } from '../journal-event.ts'
import { jsonCopy, jsonCopyOrNothing, toFailure, toRecordedFailure } from '../recorded-value.ts'
import type { RunState } from './run-state.ts'

/** What a run asks of its engine. `record` waits as long as the disk is full, and rejects only when the signal is aborted. */
export interface ExecutionHost {
  readonly clock: Clock
  record(event: JournalEvent, signal: AbortSignal): Promise<void>
  sendFrom(signal: AbortSignal, to: string, topic: string, body: Json, key: string): Promise<void>
  callFrom(signal: AbortSignal, parent: string, name: string, input: Json, options: CallOptions): Promise<Json>
}

export interface CallOptions {
  readonly id: string
  readonly queue?: string
  readonly priority?: number
}

export type Body = (run: Run, input: Json) => Promise<Json | void>

/**
 * One run of a body: its calls are numbered in the order they are made. A number that the journal knows gets
 * the recorded result, the others work and are recorded. A number with another name than recorded means that
 * the body is not the one that was running: the run fails, rather than mixing two stories.
 */
export class RunExecution implements Run {
  readonly id: string
  readonly state: RunState
  /** Resolves when the body has been given all that was recorded of it. */
  readonly replayed: Promise<void>
  readonly #host: ExecutionHost
  readonly #abort = new AbortController()
  readonly #delivery: Delivery
  readonly #inbox: Inbox
  readonly #calls = new Map<string, number>()
  readonly #effects = new Set<Promise<void>>()
  #markReplayed: () => void = () => {}
  #nextSeq = 0
  #mismatch: Failure | undefined

  constructor(state: RunState, host: ExecutionHost) {
    this.id = state.id
    this.state = state
    this.#host = host
    this.#delivery = new Delivery(state.steps.keys())
    this.#inbox = new Inbox(state.inbox.values())
    this.replayed = new Promise((resolve) => (this.#markReplayed = resolve))
    if (state.steps.size === 0) this.#markReplayed()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Resolves when nothing of the run works any more; records how it ended unless it was aborted. */
  async execute(body: Body): Promise<void> {
    const end = await this.#outcome(body)
    this.#markReplayed()
    if (!this.signal.aborted) {
      await this.#host.record({ v: 1, type: 'end', run: this.id, ...end, at: this.#host.clock.now() }, this.signal).catch(() => undefined)
      this.abort(new Cancelled(`run ${this.id} has ended`)) // steps that the body did not wait for
    }
    await Promise.all(this.#effects)
  }

  abort(reason: Error): void {
    this.#abort.abort(reason)
    this.#inbox.wakeAll()
    this.#markReplayed()
  }

  recorded(event: StepEvent): void {
    this.#delivery.recorded(event.seq)
  }

  arrived(message: MessageEvent): void {
    this.#inbox.add(message)
  }

  step<T>(name: string, effect: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    return this.#call(name, async () => ({ output: await effect(this.signal) }))
  }

  send(to: string, topic: string, body: Json): Promise<void> {
    return this.#call(`send:${topic}`, async (seq) => {
      await this.#host.sendFrom(this.signal, to, topic, jsonCopy(body, `the message to ${to}`), `${this.id}:${seq}`)
      return {}
    })
  }

  recv<T extends Json>(topic: string, timeoutMs?: number): Promise<T | null> {
    return this.#call(`recv:${topic}`, (seq) => this.#receive(seq, topic, timeoutMs))
  }

  call<T extends Json>(name: string, input: Json, options: Partial<CallOptions> = {}): Promise<T> {
    const n = (this.#calls.get(name) ?? 0) + 1
    this.#calls.set(name, n)
    const id = options.id ?? `${this.id}/${name}.${n}`
    const work = async () => ({ output: await this.#host.callFrom(this.signal, this.id, name, input, { ...options, id }) })
    return this.#call(`call:${name}`, work)
  }

  /** The caller of the body said which type it recorded; a body need not wait for every call it makes. */
  #call<T>(name: string, work: (seq: number) => Promise<Work>): Promise<T> {
    const result = this.#perform(name, work) as Promise<T>
    result.catch(() => undefined)
    return result
  }

  async #outcome(body: Body): Promise<Ending> {
    try {
      const output = jsonCopyOrNothing(await body(this, this.state.input), `the output of ${this.state.name}`)
      this.#checkThatAllWasAsked()
      return { status: 'done', ...(output === undefined ? {} : { output }) }
    } catch (error) {
      return { status: 'failed', failure: toRecordedFailure(this.#mismatch ?? error) }
    }
  }

  async #perform(name: string, work: (seq: number) => Promise<Work>): Promise<Json | undefined> {
    const seq = this.#nextSeq++
    this.signal.throwIfAborted()
    if (this.#mismatch !== undefined) throw this.#mismatch
    const known = this.state.steps.get(seq)
    if (known !== undefined && known.name !== name) throw this.#refuse(`step ${seq} was "${known.name}" and is now "${name}"`)
    const delivered = this.#delivery.expect(seq)
    if (known === undefined) this.#track(this.#workAndRecord(seq, name, work))
    await delivered
    this.signal.throwIfAborted()
    return this.#take(seq)
  }

  async #workAndRecord(seq: number, name: string, work: (seq: number) => Promise<Work>): Promise<void> {
    const result = await settle(name, () => work(seq))
    try {
      this.signal.throwIfAborted()
      await this.#host.record({ v: 1, type: 'step', run: this.id, seq, name, ...result, at: this.#host.clock.now() }, this.signal)
      this.signal.throwIfAborted()
    } catch (reason) {
      this.#delivery.reject(seq, reason)
    }
  }

  #track(effect: Promise<void>): void {
    this.#effects.add(effect)
    void effect.then(() => this.#effects.delete(effect))
  }

  #take(seq: number): Json | undefined {
    const recorded = this.state.steps.get(seq)
    this.state.steps.delete(seq) // the body has it now; the journal keeps it
    if (this.state.steps.size === 0) this.#markReplayed()
    if (recorded?.failure !== undefined) throw toFailure(recorded.failure)
    return recorded?.output
  }

  async #receive(seq: number, topic: string, timeoutMs: number | undefined): Promise<Work> {
    const { clock } = this.#host
    const waiter = this.#inbox.wait(topic)
    const until = timeoutMs === undefined ? Infinity : await this.#deadline(seq, timeoutMs, waiter.message !== undefined)
    // Both clocks count: one that is set on, or a machine that slept, ends the wait earlier; one that is set back does not draw it out.
    let leftMs = Math.min(timeoutMs ?? Infinity, until - clock.now())
    while (waiter.message === undefined && leftMs > 0) {
      this.signal.throwIfAborted()
      const stop = new AbortController()
      const lookMs = Math.min(leftMs, LONGEST_LOOK_MS)
      const timer = until === Infinity ? [] : [clock.wait(lookMs, stop.signal).catch(() => undefined)]
      await Promise.race([waiter.woken, ...timer])
      stop.abort()
      leftMs = Math.min(leftMs - lookMs, until - clock.now())
    }
    this.#inbox.leave(waiter)
    return waiter.message === undefined ? { output: null } : { output: waiter.message.body, took: waiter.message.key }
  }

  async #deadline(seq: number, timeoutMs: number, isMessageThere: boolean): Promise<number> {
    const known = this.state.waits.get(seq)
    if (known !== undefined) return known
    const until = this.#host.clock.now() + timeoutMs
    if (!isMessageThere) await this.#host.record({ v: 1, type: 'wait', run: this.id, seq, until }, this.signal)
    return until
  }

  /** Also for a body that caught the mismatch and went on. */
  #checkThatAllWasAsked(): void {
    if (this.#mismatch !== undefined) throw this.#mismatch
    const left = [...this.state.steps.values()].find((step) => step.seq >= this.#nextSeq)
    if (left !== undefined) throw this.#refuse(`step ${left.seq} was "${left.name}" and is not reached any more`)
  }

  #refuse(difference: string): Failure {
    this.#mismatch = new Failure('nondeterministic-run', `Run ${this.id} does not repeat what it did: ${difference}`, {
      facts: { run: this.id, workflow: this.state.name },
      safe: 'What its finished steps did stays done.',
      next: 'Start the work again under a new id.',
    })
    return this.#mismatch
  }
}

/** The wall clock is looked at again at least this often. */
const LONGEST_LOOK_MS = 60_000

interface Work {
  readonly output?: unknown
  readonly took?: string
}

type Ending = Pick<Extract<JournalEvent, { type: 'end' }>, 'status' | 'output' | 'failure'>

async function settle(name: string, work: () => Promise<Work>): Promise<Pick<StepEvent, 'output' | 'failure' | 'took'>> {
  try {
    const { output: raw, took } = await work()
    const output = jsonCopyOrNothing(raw, `the output of step "${name}"`)
    return { ...(output === undefined ? {} : { output }), ...(took === undefined ? {} : { took }) }
  } catch (error) {
    return { failure: toRecordedFailure(error) }
  }
}
