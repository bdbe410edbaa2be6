import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { Clock } from '../../platform/clock.ts'
import { EngineClosed, type Engine } from '../../ports/engine.ts'
import type { Git } from '../../ports/git.ts'
import type { BatchInput, BatchOutput } from '../../workflows/queue/batch-input.ts'
import { testedLike, type Offer } from '../../workflows/queue/offer.ts'
import { NEWS, type News } from '../../workflows/news.ts'
import type { BatchWork, HeldLanding, Queue, RunFacts } from '../../workflows/services.ts'
import { BatchBook } from './batch-book.ts'
import { Lane, type Batch, type Stop, type Waiting } from './lane.ts'
import type { QueueRecord } from './queue-record.ts'
import { failureWords, redWords } from './stop-words.ts'

export interface DeskParts {
  readonly clock: Clock
  readonly engine: Engine
  readonly git: Git
  readonly record: QueueRecord
  readonly newId: () => string
  readonly logError: (error: unknown) => void
}

/** How long a batch waits for entries that were announced together. */
const GATHER_MS = 5_000

/** Forms batches of what waits, one at a time for each target. It remembers nothing itself: the runs of entries and batches say everything again. */
export class Desk implements Queue {
  readonly #parts: DeskParts
  readonly #lanes = new Map<string, Lane>()
  readonly #book: BatchBook
  readonly #held = new Map<string, HeldLanding>()
  /** Announced and not here yet. */
  readonly #expected = new Set<string>()
  readonly #ready = withResolvers()
  #isReady = false
  #arrivals = 0
  #changed = withResolvers()
  #version = 0

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#book = new BatchBook(parts.clock)
  }

  /** After the replay: everything that waits has said so. */
  goOn(): void {
    // Also one that came to its end during the replay: nobody followed it yet.
    for (const run of this.#parts.engine.list())
      if (run.name === 'batch' && (run.endedAt === undefined || this.#book.get(run.id) !== undefined)) void this.#follow(run.id)
    this.#isReady = true
    this.#ready.resolve()
    for (const lane of this.#lanes.values()) this.#turn(lane)
  }

  offer(...offers: readonly Offer[]): void {
    for (const offer of offers) this.#add(offer)
  }

  #add(offer: Offer): void {
    const { id } = offer.entry
    if (this.#book.isSettled(id)) return // its run has yet to read of it
    const lane = this.#laneOf(offer)
    const known = lane.waiting.get(id)
    if (known !== undefined) known.offer = offer
    else lane.waiting.set(id, { offer, number: (this.#arrivals += 1), note: undefined, batch: this.#book.with(id)?.id })
    for (const name of [offer.entry.name, offer.entry.group]) if (name !== undefined) this.#expected.delete(name)
    const key = testedLike(offer)
    if (lane.stopped.delete(key)) void this.#tellAll(lane, key, { kind: 'queue-goes-on' })
    this.#note()
    this.#turn(lane)
  }

  forget(entry: string): void {
    for (const lane of this.#lanes.values()) if (lane.waiting.delete(entry)) this.#note()
  }

  /** Not before the replay is over: a batch of the last daemon may have been in the middle of landing it. */
  async withdraw(entry: string): Promise<'out' | 'landing'> {
    await this.#ready.promise
    if (this.#book.isLanding(entry) || !this.#isWaiting(entry)) return 'landing'
    this.forget(entry)
    return 'out'
  }

  batchBegan(id: string, input: BatchInput): void {
    const batch = this.#book.begin(id, input)
    if (batch === undefined) return
    const lane = this.#laneOf(input)
    lane.batch = batch
    for (const { entry } of input.offers) {
      const waiting = lane.waiting.get(entry.id)
      if (waiting !== undefined) waiting.batch = id
    }
    this.#note()
  }

  noteStep(id: string, work: BatchWork): void {
    this.#book.noteStep(id, work)
    this.#note()
  }

  noteRun(id: string, run: RunFacts): void {
    this.#book.get(id)?.runs.push(run)
    this.#note()
  }

  settled(id: string, entry: string): void {
    this.#book.get(id)?.settled.add(entry)
    this.forget(entry)
  }

  requeued(id: string, entry: string, reason: string): void {
    const batch = this.#book.get(id)
    const waiting = batch === undefined ? undefined : this.#laneOf(batch.input).waiting.get(entry)
    if (waiting !== undefined) waiting.note = reason
    this.#note()
  }

  /** What waits is known when the replay is over; whose run has ended, or took it out in an earlier life, did not offer it again. */
  async beginLanding(id: string, entries: readonly string[]): Promise<readonly string[]> {
    this.#book.beginLanding(id, entries)
    await this.#ready.promise
    const gone = entries.filter((entry) => !this.#isWaiting(entry))
    if (gone.length > 0) this.#book.landingEnded(id)
    return gone
  }

  landingEnded(id: string): void {
    this.#book.landingEnded(id)
  }

  held(run: string, held: HeldLanding | undefined): void {
    if (held === undefined) this.#held.delete(run)
    else this.#held.set(run, held)
    this.#note()
  }

  /** Runs of branches whose landing waits for a clean checkout. */
  heldRuns(): ReadonlyMap<string, HeldLanding> {
    return this.#held
  }

  /** These come together: no batch begins before they are here, or are told of as refused, or a while has passed. */
  expect(names: readonly string[]): void {
    for (const name of names) this.#expected.add(name)
    const over = (): void => this.unexpect(names)
    void this.#parts.clock.wait(GATHER_MS, new AbortController().signal).then(over, over)
  }

  unexpect(names: readonly string[]): void {
    const before = this.#expected.size
    for (const name of names) this.#expected.delete(name)
    if (before > 0 && this.#expected.size === 0) for (const lane of this.#lanes.values()) this.#turn(lane)
  }

  /** A person starts it again, or the target has moved. */
  restart(lane: Lane): void {
    for (const key of lane.stopped.keys()) void this.#tellAll(lane, key, { kind: 'queue-goes-on' })
    lane.stopped.clear()
    this.#note()
    this.#turn(lane)
  }

  async setPaused(project: string, isPaused: boolean): Promise<void> {
    await this.#parts.record.setPaused(project, isPaused)
    this.#note()
    for (const lane of this.#lanes.values()) if (lane.project === project && !isPaused) this.restart(lane)
  }

  /** Where the target itself failed: has it moved since? */
  async lookAtTargets(): Promise<void> {
    for (const lane of this.#lanes.values()) {
      const red = [...lane.stopped.values()].filter(({ kind }) => kind === 'red-target')
      if (red.length === 0 || lane.waiting.size === 0) continue
      const { commit } = await (await this.#parts.git.open(lane.repository)).targetTip(lane.target)
      if (red.some(({ at }) => at !== commit)) this.restart(lane)
    }
  }

  lanes(project?: string): Lane[] {
    return [...this.#lanes.values()].filter((lane) => project === undefined || lane.project === project)
  }

  /** Of this project, at work or ended, since then (milliseconds since the epoch). */
  batchesSince(project: string, since: number): Batch[] {
    return this.#book.since(project, since)
  }

  find(name: string, project: string): Waiting | undefined {
    const all = this.lanes(project).flatMap((lane) => lane.entries())
    return all.find(({ offer }) => offer.entry.name === name || offer.entry.branch === name)
  }

  get version(): number {
    return this.#version
  }

  changed(): Promise<void> {
    return this.#changed.promise
  }

  #isWaiting(entry: string): boolean {
    return [...this.#lanes.values()].some((lane) => lane.waiting.has(entry))
  }

  #turn(lane: Lane): void {
    if (!this.#isReady || lane.batch !== undefined || this.#expected.size > 0) return
    if (this.#parts.record.isPaused(lane.project)) return
    const offers = lane.nextOffers()
    if (offers.length === 0) return
    const { project, repository, target } = lane
    const id = `batch.${project}.${this.#parts.newId().slice(0, 13)}`
    const input: BatchInput = { project, repository, target, offers, history: this.#parts.record.history(project) }
    this.batchBegan(id, input)
    this.#parts.engine.start('batch', input, { id }).then(
      () => this.#follow(id),
      (error: unknown) => this.#failed(lane, id, error),
    )
  }

  async #follow(id: string): Promise<void> {
    const { engine } = this.#parts
    const run = engine.get(id)
    if (run === undefined) return
    const input = run.input as BatchInput
    this.batchBegan(id, input)
    const lane = this.#laneOf(input)
    try {
      const handle = await engine.start('batch', input, { id })
      const output = (await handle.result()) as BatchOutput
      await this.#endedWell(lane, id, output)
    } catch (error) {
      if (!(error instanceof EngineClosed) && engine.get(id)?.endedAt !== undefined) this.#failed(lane, id, error)
    }
  }

  async #endedWell(lane: Lane, id: string, { end, landed, sentBack }: BatchOutput): Promise<void> {
    const batch = this.#close(lane, id)
    await this.#parts.record.noteBatch(lane.project, { landed, sentBack, runs: batch?.runs ?? [] }).catch(this.#parts.logError)
    if (end.kind === 'red-target') this.#stop(lane, batch, { kind: 'red-target', reason: redWords(lane.target, end), at: end.commit })
    else if (end.kind === 'settled' && landed + sentBack === 0 && batch !== undefined) this.#stopIfStuck(lane, batch)
    this.#note()
    this.#turn(lane)
  }

  #failed(lane: Lane, id: string, error: unknown): void {
    this.#parts.logError(error)
    this.#stop(lane, this.#close(lane, id), { kind: 'failed', reason: failureWords(error) })
    this.#note()
  }

  #close(lane: Lane, id: string): Batch | undefined {
    if (lane.batch?.id === id) lane.batch = undefined
    for (const waiting of lane.waiting.values()) if (waiting.batch === id) waiting.batch = undefined
    return this.#book.end(id)
  }

  /** A batch after which all is as before would only be followed by the same again. */
  #stopIfStuck(lane: Lane, { input }: Batch): void {
    const left = input.offers.flatMap(({ entry }) => lane.waiting.get(entry.id) ?? [])
    const isNews = lane.entries().some((waiting) => !left.includes(waiting))
    const [first] = left
    if (first !== undefined && !isNews)
      this.#stopLike(lane, first.offer, { kind: 'no-progress', reason: first.note ?? 'none can go first' })
  }

  #stop(lane: Lane, batch: Batch | undefined, stop: Stop): void {
    const [first] = batch?.input.offers ?? []
    if (first !== undefined) this.#stopLike(lane, first, stop)
  }

  #stopLike(lane: Lane, offer: Offer, stop: Stop): void {
    const key = testedLike(offer)
    if (lane.like(key).length === 0) return
    lane.stopped.set(key, stop)
    void this.#tellAll(lane, key, { kind: 'queue-stopped', reason: stop.reason })
  }

  async #tellAll(lane: Lane, key: string, news: News): Promise<void> {
    for (const { offer } of lane.like(key)) {
      await this.#parts.engine.send(offer.run, NEWS, news, `queue ${this.#parts.newId()}`).catch(this.#parts.logError)
    }
  }

  #laneOf(place: Pick<Offer, 'project' | 'repository' | 'target'>): Lane {
    const key = `${place.project}\n${place.target}`
    const lane = this.#lanes.get(key) ?? new Lane(place)
    this.#lanes.set(key, lane)
    return lane
  }

  #note(): void {
    this.#version += 1
    this.#changed.resolve()
    this.#changed = withResolvers()
  }
}
