import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createJournalEngine } from '../../../src/adapters/journal/journal-engine.ts'
import { writeToDisk } from '../../../src/adapters/journal/log.ts'
import { departmentOf } from '../../../src/domain/features/built-in-departments.ts'
import type { FeatureSettings } from '../../../src/domain/features/department.ts'
import type { FeatureFacts } from '../../../src/domain/features/feature-facts.ts'
import type { MergeEntry } from '../../../src/domain/merging/merge-entry.ts'
import type { EntryOutcome } from '../../../src/domain/queue/entry.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Sha } from '../../../src/foundation/brand.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import type { Offer } from '../../../src/workflows/queue/offer.ts'
import { defineTask } from '../../../src/workflows/run-task.ts'
import { defineSeat, sessionQueue } from '../../../src/workflows/seat.ts'
import type { Services, TaskNote } from '../../../src/workflows/services.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { temporaryFolder } from '../temporary.ts'

/** What the session of a part does with each prompt. `deaf`: it does not merge what it is told to; `silent`: its turn goes on. */
type Manner = 'works' | 'fails' | 'blocks' | 'silent' | 'deaf'

const RUN = 'app.pay#1'
export const TIP = shaOf('tip')

/** One feature on a real engine that can die at any write, in a world of commits that outlives it. */
export class FeatureScene {
  readonly manners = new Map<string, Manner>()
  readonly stages = new Map<string, Stage>()
  facts: FeatureFacts | undefined
  readonly reports: MergeEntry[] = []
  readonly said: { readonly handle: string; readonly text: string; readonly id: string }[] = []
  readonly begun: string[] = []
  readonly bases = new Map<string, string>()
  /** What the queue was offered, in the order in which it came. */
  readonly offers: Offer[] = []
  /** Of the entries that landed, by id. */
  readonly landed = new Map<string, Offer>()
  /** What becomes of the next entries, by name; landed when nothing is said. */
  readonly outcomes = new Map<string, EntryOutcome[]>()
  /** Departments whose work does not merge with anything. */
  readonly clashing = new Set<string>()
  /** A branch that somebody moved by hand. */
  readonly moved = new Map<string, string>()
  readonly #ancestors = new Map<string, ReadonlySet<string>>([[TIP, new Set([TIP])]])
  readonly #heads = new Map<string, string>()
  readonly #outcomeOf = new Map<string, EntryOutcome>()
  readonly #folder = join(temporaryFolder(), 'journal')
  readonly #names: readonly string[]
  readonly #settings: { readonly land?: 'auto' | 'review' }
  #engine: Engine | undefined
  #isDead = false
  #count = 0

  constructor(names: readonly string[], settings: { readonly land?: 'auto' | 'review' } = {}) {
    this.#names = names
    this.#settings = settings
    onTestFinished(() => this.#engine?.close())
  }

  /** Dies at the n-th write to the journal from now on. */
  async launch(dieAtWrite = Infinity): Promise<void> {
    let writes = 0
    this.#isDead = false
    const engine = createJournalEngine({
      folder: this.#folder,
      clock: systemClock,
      write: (file, bytes) => {
        writes += 1
        this.#isDead ||= writes >= dieAtWrite
        return this.#isDead ? Promise.reject(new Error('dead')) : writeToDisk(file, bytes)
      },
    })
    this.#engine = engine
    engine.queue(sessionQueue('app'), { concurrency: 9 })
    defineSeat(engine)
    defineTask(engine, this.#services(engine))
    await engine.launch()
    await engine.start('task', this.#input(), { id: RUN }).catch((error: unknown) => {
      if (!this.#isDead) throw error
    })
  }

  get isDead(): boolean {
    return this.#isDead
  }

  get isOver(): boolean {
    return (
      this.#names.every((name) => this.#engine?.get(`app.pay.${name}#1`)?.endedAt !== undefined) &&
      this.#engine?.get(RUN)?.endedAt !== undefined
    )
  }

  /** kill -9, as far as the journal can tell. */
  async die(): Promise<void> {
    this.#isDead = true
    await this.#engine?.close()
    this.#engine = undefined
  }

  tell(news: News, department?: string): Promise<void> {
    return this.#live.send(department === undefined ? RUN : `app.pay.${department}#1`, NEWS, news, `news ${(this.#count += 1)}`)
  }

  merge(): Promise<void> {
    return this.tell({ kind: 'merge', merge: 'm' })
  }

  /** The department's session has done what it was told. */
  async endTurn(department: string, manner: Manner): Promise<void> {
    this.manners.set(department, manner)
    this.#work(department, this.#heard(department).at(-1)?.text ?? '')
    await this.#answer(this.#live, department)
  }

  untilStage(handle: string, kind: Stage['kind'], words = ''): Promise<unknown> {
    return until(
      () => {
        const stage = this.stages.get(handle)
        return stage?.kind === kind && JSON.stringify(stage).includes(words)
      },
      { what: `${handle} is ${kind} ${words}` },
    ).catch((cause: unknown) => {
      throw new Error(`not ${kind} ${words}: ${JSON.stringify([...this.stages])}`, { cause })
    })
  }

  async result(): Promise<unknown> {
    return (await this.#live.start('task', this.#input(), { id: RUN })).result()
  }

  /** The feature has landed, and every part with it, whatever happened on the way. */
  async expectLanded(): Promise<void> {
    expect(await this.result()).toMatchObject({ kind: 'landed' })
    for (const name of this.#names)
      expect(await (await this.#live.start('task', {}, { id: `app.pay.${name}#1` })).result(), name).toMatchObject({ kind: 'landed' })
    expect(this.stages.get('app.pay')).toMatchObject({ kind: 'merged' })
    expect(this.facts?.parts.map(({ standing }) => standing)).toEqual(this.#names.map(() => 'landed'))
  }

  headOf(department: string): string {
    return this.#heads.get(department) ?? ''
  }

  /** Whether the commit has this one. */
  holds(commit: string, one: string): boolean {
    return this.#ancestors.get(commit)?.has(one) === true
  }

  get #live(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is dead')
    return this.#engine
  }

  #input(): TaskInput {
    const departments = this.#names.map((name) => departmentOf(name, {}))
    const feature: FeatureSettings = {
      departments,
      phases: {
        foundation: this.#names.includes('foundation'),
        discovery: true,
        reviews: false,
        integration: this.#names.includes('integration'),
      },
      contracts: [],
      ownership: 'deny',
      reviewRounds: 3,
      negotiationRounds: 3,
      names: Object.fromEntries(this.#names.map((name) => [name, { branch: `dept/${name}/pay`, worktree: `/wt/${name}` }])),
      briefs: Object.fromEntries(this.#names.map((name) => [name, `Be ${name}.`])),
      reviewerPrompt: '',
    }
    const settings = { retries: 1, tick: 'never', land: 'review', max: 9, validate: 'check', nudgeAfterMs: 60_000, ...this.#settings }
    return {
      handle: 'app.pay',
      project: 'app',
      repository: '/repo',
      kind: 'feature',
      task: { id: 'pay', title: 'Add payments', body: '', needs: [], owns: [] },
      branch: 'feature/pay',
      worktree: '/wt/feature-pay',
      target: 'main',
      priority: 0,
      environment: 'e',
      settings,
      feature,
      createdAt: 1,
    } as unknown as TaskInput
  }

  #heard(department: string): { readonly text: string; readonly id: string }[] {
    return this.said.filter(({ handle }) => handle === `app.pay.${department}`)
  }

  /** A commit of its own on top of what it has, with what the prompt says to merge. */
  #work(department: string, prompt: string): void {
    const manner = this.manners.get(department) ?? 'works'
    if (manner === 'silent' || manner === 'blocks') return
    const merged = manner === 'deaf' ? [] : [...prompt.matchAll(/git merge ([0-9a-f]{40})/g)].map((match) => match[1] ?? '')
    this.clashing.delete(merged.length > 0 ? department : '')
    const before = this.headOf(department)
    const commit = this.#commit([before, ...merged], `${department} ${before}`)
    this.#heads.set(department, commit)
  }

  #commit(parents: readonly string[], text: string): string {
    const commit = shaOf([...parents, text].join(' '))
    this.#ancestors.set(commit, new Set([commit, ...parents.flatMap((parent) => [...(this.#ancestors.get(parent) ?? [parent])])]))
    return commit
  }

  async #answer(engine: Engine, department: string): Promise<void> {
    const manner = this.manners.get(department) ?? 'works'
    if (manner === 'silent') return
    const heard = this.#heard(department).map(({ id }) => id)
    const key = heard.at(-1) ?? ''
    const run = `app.pay.${department}#1`
    const declared = { kind: 'declared', commit: '', message: 'Which?' } as const
    await engine.send(run, NEWS, { ...declared, what: manner === 'blocks' ? 'blocked' : 'done' }, `d ${key}`)
    await engine.send(run, NEWS, { kind: 'turn-ended', process: '1.1', outcome: { kind: 'completed', text: '' }, heard }, `t ${key}`)
  }

  async #settle(engine: Engine, offer: Offer): Promise<void> {
    const { entry, run } = offer
    const outcome =
      this.#outcomeOf.get(entry.id) ??
      this.outcomes.get(entry.name)?.shift() ??
      ({ kind: 'landed', commit: 'd'.repeat(40) as Sha } as const)
    this.#outcomeOf.set(entry.id, outcome)
    if (outcome.kind === 'landed') this.landed.set(entry.id, offer)
    await engine.send(run, NEWS, { kind: 'settled', entry: entry.id, outcome }, `settled ${entry.id}`)
  }

  #repository() {
    const departmentAt = (commit: string): string | undefined => [...this.#heads].find(([, head]) => head === commit)?.[0]
    const branchHead = (name: string): string => this.moved.get(name) ?? this.headOf(name)
    return {
      treeOf: async (commit: string) => commit,
      targetTip: async () => ({ commit: TIP, isWaiting: false }),
      isAncestor: async (one: string, commit: string) => this.holds(commit, one),
      resolve: async (ref: string) => branchHead(ref.split('/').at(-2) ?? ''),
      conflictsAmong: async (_tip: string, heads: readonly string[]) => {
        const [first] = heads
        const bad = heads.find((head) => this.clashing.has(departmentAt(head) ?? '') && head !== first)
        return { withTarget: [], unrelated: [], pairs: bad === undefined ? [] : [{ a: first, b: bad, files: ['page.ts'] }] }
      },
      buildCandidate: async ({ target, head }: { target: string; head: string }) =>
        this.clashing.has(departmentAt(head) ?? '')
          ? { conflicts: ['page.ts'] }
          : { commit: this.#commit([target, head], 'merge'), tree: 't' },
      inspectWorktree: async (path: string) => {
        const head = this.headOf(path.slice('/wt/'.length))
        return { head, branch: `dept/${path.slice('/wt/'.length)}/pay`, uncommitted: [], lastCommit: { sha: head, subject: 'Work', at: 1 } }
      },
    }
  }

  #services(engine: Engine): Services {
    const quietly = (effect: Promise<unknown>): void => void effect.catch(() => undefined)
    const departmentOfTask = ({ handle }: TaskInput): string => handle.slice('app.pay.'.length)
    const services = {
      now: () => 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => this.#repository(),
      modelGate: { enter: async () => undefined },
      sessions: {
        ensure: async () => ({ process: '1.1', isResumed: false, unread: [] }),
        // Every replay hears again what the session's record says.
        watch: (input: TaskInput) => {
          if (this.#heard(departmentOfTask(input)).length > 0) quietly(this.#answer(engine, departmentOfTask(input)))
        },
        say: async (input: TaskInput, _process: string, { id, text }: { id: string; text: string }) => {
          const department = departmentOfTask(input)
          if (!this.said.some((message) => message.id === id)) {
            this.said.push({ handle: input.handle, text, id })
            this.#work(department, text)
          }
          quietly(this.#answer(engine, department))
          return 'written'
        },
        interrupt: async () => false,
        stop: async () => undefined,
      },
      roster: {
        setStage: ({ handle }: TaskInput, stage: Stage) => this.stages.set(handle, stage),
        setAttempt: () => undefined,
        note: ({ handle }: TaskInput, note: TaskNote) => {
          if (handle === 'app.pay' && note.feature !== undefined) this.facts = note.feature
        },
        needs: async () => ({ pending: [], failed: [] }),
        dependents: () => [],
      },
      worktrees: {
        base: async ({ base }: TaskInput) => ({ commit: base ?? TIP }),
        ensure: async (input: TaskInput, base: string) => {
          const department = departmentOfTask(input)
          if (!this.#heads.has(department)) this.#heads.set(department, base)
          this.bases.set(department, base)
          return { lastCommit: { sha: base, subject: 'Begin', at: 1 }, notes: [] }
        },
        tickFile: async () => undefined,
      },
      commands: {
        run: async ({ input }: { input: TaskInput }) => {
          const isPassed = this.manners.get(departmentOfTask(input)) !== 'fails'
          return { isPassed, summary: isPassed ? 'check passed' : 'check ended with 1', tail: '', file: '', exit: isPassed ? 0 : 1 }
        },
      },
      archive: { keepLearnings: async () => undefined },
      board: { post: async () => 'm1', decisionsFor: async () => [], messagesOf: async () => [] },
      gates: { look: async () => [] },
      merges: { report: (_merge: string, entry: MergeEntry) => this.reports.push(entry) },
      audit: { expect: () => undefined },
      knownPasses: { has: async () => false, note: async () => undefined },
      queue: {
        offer: (...offers: Offer[]) => {
          this.offers.push(...offers)
          for (const offer of offers) quietly(this.#settle(engine, offer))
        },
        forget: () => undefined,
        withdraw: async () => 'out',
      },
      attempts: {
        begin: async (input: TaskInput) => {
          const id = `${input.handle}#1`
          this.begun.push(departmentOfTask(input))
          await engine.start('task', input, { id })
          return id
        },
      },
    }
    return services as unknown as Services
  }
}

function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
