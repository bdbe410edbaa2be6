import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { onTestFinished } from 'vitest'
import { createJournalEngine } from '../../../src/adapters/journal/journal-engine.ts'
import { writeToDisk, type DiskWrite } from '../../../src/adapters/journal/log.ts'
import { Desk } from '../../../src/daemon/queue/desk.ts'
import { QueueRecord } from '../../../src/daemon/queue/queue-record.ts'
import { homeAt, projectFolder } from '../../../src/config/home.ts'
import type { Sha } from '../../../src/foundation/brand.ts'
import type { MergeEntry } from '../../../src/domain/merging/merge-entry.ts'
import type { TestRun } from '../../../src/domain/queue/test-run.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import type { CandidateRequest, Git, LandRequest, Repository } from '../../../src/ports/git.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import { defineBatch } from '../../../src/workflows/queue/batch.ts'
import { defineEntry, type EntryReport } from '../../../src/workflows/queue/entry.ts'
import type { Offer } from '../../../src/workflows/queue/offer.ts'
import type { BenchRequest, Services } from '../../../src/workflows/services.ts'
import { until } from '../eventually.ts'
import { temporaryFolder, writeTree } from '../temporary.ts'
import type { QueueWorld } from './queue-world.ts'

export interface LifeOptions {
  readonly folder?: string
  /** The life ends before this write of the journal, or right after it. */
  readonly death?: { readonly write: number; readonly side: 'before' | 'after' }
}

/** One daemon's life with the queue of a world, as far as the queue goes: the real journal, the real desk. */
export class QueueLife {
  readonly world: QueueWorld
  readonly folder: string
  readonly engine: Engine
  readonly desk: Desk
  /** What each question heard last. */
  readonly reports = new Map<string, MergeEntry>()
  readonly died: Promise<void>
  /** Called when a tree is about to be tested, or a target about to be moved. */
  onTest: (request: BenchRequest) => unknown = () => undefined
  onLand: (request: LandRequest) => unknown = () => undefined
  /** Called when a target or what waits for it has been moved. */
  onMoved: () => unknown = () => undefined
  #isDead = false
  #writes = 0
  #ids = 0
  #markDead: () => void = () => undefined
  #fail: (error: unknown) => void = () => undefined
  readonly #trouble: Promise<never>

  constructor(world: QueueWorld, { folder = temporaryFolder(), death }: LifeOptions = {}) {
    this.world = world
    this.folder = folder
    this.died = new Promise((resolve) => (this.#markDead = resolve))
    this.#trouble = new Promise((_resolve, reject) => (this.#fail = reject))
    this.#trouble.catch(() => undefined)
    const write: DiskWrite = (file, bytes) => this.#write(death, () => writeToDisk(file, bytes))
    const engine = createJournalEngine({
      folder: join(folder, 'journal'),
      clock: systemClock,
      write,
      retryWriteMs: 3_600_000,
      closeGraceMs: 1,
    })
    this.engine = engine
    onTestFinished(() => this.engine.close())
    const git = { open: async () => this.#repository() } as unknown as Git
    const record = new QueueRecord(homeAt(folder))
    const newId = (): string => `${Math.random().toString(36).slice(2)}${(this.#ids += 1)}`.padEnd(14, '0')
    this.desk = new Desk({ clock: systemClock, engine, git, record, newId, logError: (error) => this.#fail(error) })
    defineBatch(engine, this.#services())
    defineEntry(engine, this.#services())
  }

  static async begin(world: QueueWorld, options: LifeOptions = {}): Promise<QueueLife> {
    const life = new QueueLife(world, options)
    await life.launch()
    return life
  }

  async launch(): Promise<void> {
    await this.engine.launch()
    this.desk.goOn()
  }

  /** The journal as it is now, or before the first line with all of these words, in a place of its own: what the next life finds. */
  leftBehind(...until: readonly string[]): string {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'journal'))
    const record = join(projectFolder(homeAt(this.folder), 'app'), 'queue.json')
    if (existsSync(record)) writeTree(folder, { [relative(this.folder, record)]: readFileSync(record, 'utf8') })
    const lines = readFileSync(join(this.folder, 'journal', 'events.jsonl'), 'utf8').split(/(?<=\n)/)
    const end = until.length === 0 ? -1 : lines.findIndex((line) => until.every((words) => line.includes(words)))
    writeFileSync(join(folder, 'journal', 'events.jsonl'), lines.slice(0, end < 0 ? undefined : end).join(''))
    return folder
  }

  /** kill -9: nothing that this life still does has an effect. */
  kill(): void {
    this.#isDead = true
    this.#markDead()
  }

  offer(name: string, more: Partial<Offer> = {}, merge = name): Promise<unknown> {
    const head = this.world.head(name)
    const entry = {
      id: `${merge} ${name}`,
      name,
      branch: name,
      head,
      priority: 0,
      needs: [],
      at: [...this.world.branches.keys()].indexOf(name),
    }
    const settings = {
      steps: [{ name: 'test', run: 'npm test' }],
      defaultTimeoutMs: 1000,
      strategy: 'merge',
      slots: 2,
      hooks: 'pass-by',
    } as const
    const place = { project: 'app', repository: '/repo', target: 'main', run: '' }
    const offer: Offer = { entry, ...place, subject: `Merge ${name}`, trailers: {}, allowDirty: [], settings, environment: 'e', ...more }
    return this.engine.start('entry', { offer, merge }, { id: `entry.${merge}` })
  }

  tell(name: string, news: News, key: string): Promise<void> {
    return this.engine.send(`entry.${name}`, NEWS, news, key)
  }

  /** Rejects with what went wrong with a batch meanwhile. */
  async ended(name: string): Promise<EntryReport> {
    const run = await this.engine.start('entry', {}, { id: `entry.${name}` })
    return (await Promise.race([run.result(), this.#trouble])) as unknown as EntryReport
  }

  /** How often the journal says that this entry's run was told so. */
  heard(name: string, kind: News['kind']): number {
    const lines = readFileSync(join(this.folder, 'journal', 'events.jsonl'), 'utf8').split('\n')
    return lines.filter((line) => line.includes('"type":"message"') && line.includes(`"entry.${name}"`) && line.includes(`"${kind}"`))
      .length
  }

  untilOutcome(name: string, outcome: MergeEntry['outcome']): Promise<unknown> {
    return until(() => this.reports.get(name)?.outcome === outcome, { what: `${name} is ${outcome}` })
  }

  async #write(death: LifeOptions['death'], write: () => Promise<number>): Promise<number> {
    this.#writes += 1
    const isFatal = death?.write === this.#writes
    if (isFatal && death.side === 'before') this.kill()
    if (this.#isDead) throw new Error('killed')
    const written = await write()
    if (isFatal) this.kill()
    return written
  }

  /** Of a dead daemon nothing comes any more. */
  async #alive(): Promise<void> {
    if (this.#isDead) await new Promise<never>(() => undefined)
  }

  #services(): Services {
    const services = {
      now: () => 1_700_000_000_000,
      recallEnded: () => undefined,
      repository: async () => this.#repository(),
      queue: this.desk,
      bench: { run: (request: BenchRequest) => this.#test(request) },
      flakyTests: { note: async () => undefined },
      overlaps: { rivalsOf: () => 0 },
      audit: { expect: () => undefined },
      merges: { report: (merge: string, entry: MergeEntry) => void this.reports.set(merge, entry) },
    }
    return services as unknown as Services
  }

  async #test(request: BenchRequest): Promise<TestRun> {
    await this.onTest(request)
    await this.#alive()
    const { holds } = this.world.at(request.commit)
    const { scope } = request
    const failing = holds.filter((name) => this.world.bad.has(name)).map((name) => `breaks by ${name}`)
    const asked =
      scope === 'all' || scope.tests.length === 0 ? failing : scope.tests.flatMap(({ name }) => (failing.includes(name) ? [name] : []))
    const cost = { durationMs: 1, isCached: false }
    if (scope === 'all' && asked.length === 0) this.world.passed.add(request.tree)
    if (asked.length === 0) return { kind: 'passed', ...cost }
    const failures = asked.map((name) => ({ name, message: '', frames: [] }))
    return { kind: 'failed', ...cost, step: 'test', failures, passed: [], summary: 'fails', tail: '', log: '' }
  }

  #repository(): Repository {
    const { world } = this
    const repository = {
      targetTip: async (target: string) => ({
        commit: world.waiting.get(target) ?? world.head(target),
        isWaiting: world.waiting.has(target),
      }),
      resolve: async (ref: string) => world.branches.get(ref.replace('refs/heads/', '')),
      treeOf: async (commit: Sha) => world.at(commit).tree,
      isAncestor: async (one: Sha, other: Sha) => world.isAncestor(one, other),
      isLanded: async (head: Sha, tip: Sha) => world.isAncestor(head, tip),
      mergeBase: async () => [...world.commits.keys()][0],
      conflictsAmong: async () => ({ withTarget: [], pairs: [], unrelated: [] }),
      lastLandings: async () => [],
      changes: async () => ({ files: [] }),
      diff: async () => ({ text: '' }),
      blameLines: async () => [],
      commitsBetween: async () => [],
      readFile: async () => undefined,
      buildCandidate: async ({ target, head }: CandidateRequest) => {
        await this.#alive()
        const [one, other] = [world.at(target), world.at(head)]
        const commit = world.commit([target, head], [...one.holds, ...other.holds])
        return { commit, tree: world.at(commit).tree }
      },
      land: (request: LandRequest) => this.#land(request),
      landWaiting: (target: string) => this.#landWaiting(target),
      dropWaiting: async (target: string) => void this.world.waiting.delete(target),
      deleteBranch: async () => undefined,
    }
    return repository as unknown as Repository
  }

  async #land(request: LandRequest): Promise<Awaited<ReturnType<Repository['land']>>> {
    await this.onLand(request)
    await this.#alive()
    const { world } = this
    const { target, candidate, expected } = request
    if (world.isAncestor(candidate, world.head(target))) return { kind: 'landed', commit: candidate }
    if ((world.waiting.get(target) ?? world.head(target)) !== expected) return { kind: 'target-moved', found: world.head(target) }
    const outcome = this.#move(target, candidate)
    await this.onMoved()
    await this.#alive()
    return outcome
  }

  async #landWaiting(target: string): Promise<Awaited<ReturnType<Repository['landWaiting']>>> {
    await this.#alive()
    const waiting = this.world.waiting.get(target)
    return waiting === undefined ? undefined : this.#move(target, waiting)
  }

  #move(target: string, to: Sha): { kind: 'landed'; commit: Sha } | { kind: 'waiting'; ref: string; checkout: string; dirty: string[] } {
    const { world } = this
    if (world.isCheckoutDirty) {
      world.waiting.set(target, to)
      return { kind: 'waiting', ref: `refs/orch/landing/${target}`, checkout: '/repo', dirty: ['cart.ts'] }
    }
    world.waiting.delete(target)
    world.branches.set(target, to)
    world.moves.push(world.landed(target).join(' '))
    return { kind: 'landed', commit: to }
  }
}
