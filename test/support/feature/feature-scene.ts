import { expect } from 'vitest'
import { wakesReceiver, type BoardMessage, type NewMessage } from '../../../src/domain/board/message.ts'
import type { FeatureFacts } from '../../../src/domain/features/feature-facts.ts'
import type { MergeEntry } from '../../../src/domain/merging/merge-entry.ts'
import type { EntryOutcome } from '../../../src/domain/queue/entry.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Sha } from '../../../src/foundation/brand.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import type { Offer } from '../../../src/workflows/queue/offer.ts'
import { defineTask } from '../../../src/workflows/run-task.ts'
import { defineSeat, sessionQueue } from '../../../src/workflows/seat.ts'
import type { Services, TaskNote } from '../../../src/workflows/services.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { MortalEngine } from '../mortal-engine.ts'
import { CommitWorld, TIP } from './commit-world.ts'
import { featureInput } from './feature-input.ts'

/** What the session of a part does with each prompt. `deaf`: it does not merge what it is told to; `silent`: its turn goes on. */
type Manner = 'works' | 'fails' | 'blocks' | 'silent' | 'deaf'

const RUN = 'app.pay#1'

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
  /** Else what is offered waits. */
  isQueueOpen = true
  /** On the board, in order. */
  readonly posted: BoardMessage[] = []
  readonly world = new CommitWorld()
  readonly #mortal = new MortalEngine()
  readonly #outcomeOf = new Map<string, EntryOutcome>()
  readonly #names: readonly string[]
  readonly #settings: { readonly land?: 'auto' | 'review' }
  #count = 0

  constructor(names: readonly string[], settings: { readonly land?: 'auto' | 'review' } = {}) {
    this.#names = names
    this.#settings = settings
  }

  /** Dies at the n-th write to the journal from now on. */
  async launch(dieAtWrite = Infinity): Promise<void> {
    const engine = await this.#mortal.launch(dieAtWrite, (engine) => {
      engine.queue(sessionQueue('app'), { concurrency: 9 })
      defineSeat(engine)
      defineTask(engine, this.#services(engine))
    })
    await this.#mortal.quietly(engine.start('task', featureInput(this.#names, this.#settings), { id: RUN }))
  }

  get isDead(): boolean {
    return this.#mortal.isDead
  }

  get isOver(): boolean {
    return (
      this.#names.every((name) => this.#mortal.engine?.get(`app.pay.${name}#1`)?.endedAt !== undefined) &&
      this.#mortal.engine?.get(RUN)?.endedAt !== undefined
    )
  }

  /** kill -9, as far as the journal can tell. */
  die(): Promise<void> {
    return this.#mortal.die()
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
    return (await this.#live.start('task', featureInput(this.#names, this.#settings), { id: RUN })).result()
  }

  /** The feature has landed, and every part with it, whatever happened on the way. */
  async expectLanded(): Promise<void> {
    expect(await this.result()).toMatchObject({ kind: 'landed' })
    for (const name of this.#names)
      expect(await (await this.#live.start('task', {}, { id: `app.pay.${name}#1` })).result(), name).toMatchObject({ kind: 'landed' })
    expect(this.stages.get('app.pay')).toMatchObject({ kind: 'merged' })
    expect(this.facts?.parts.map(({ standing }) => standing)).toEqual(this.#names.map(() => 'landed'))
  }

  get #live(): Engine {
    return this.#mortal.live
  }

  #heard(department: string): { readonly text: string; readonly id: string }[] {
    return this.said.filter(({ handle }) => handle === `app.pay.${department}`)
  }

  /** A commit of its own on top of what it has, with what the prompt says to merge. */
  #work(department: string, prompt: string): void {
    const manner = this.manners.get(department) ?? 'works'
    if (manner === 'silent' || manner === 'blocks') return
    const merged = manner === 'deaf' ? [] : [...prompt.matchAll(/git merge ([0-9a-f]{40})/g)].map((match) => match[1] ?? '')
    this.world.clashing.delete(merged.length > 0 ? department : '')
    const before = this.world.headOf(department)
    const commit = this.world.commit([before, ...merged], `${department} ${before}`)
    this.world.heads.set(department, commit)
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

  /** As the board does: the same key twice is one message, which its receivers' runs hear as mail. */
  async #post(engine: Engine, message: NewMessage, key: string): Promise<string> {
    const known = this.posted.find(({ source }) => source === key)
    const id = known?.id ?? `m${this.posted.length + 1}`
    if (known === undefined) this.posted.push({ ...message, id, project: 'app', writtenAt: 1, takenAt: 1, hops: 0, source: key })
    const { kind: what, from, text } = message
    for (const to of message.to) {
      if (!to.startsWith('app.pay.')) continue
      const mail: News = { kind: 'mail', id: `mail ${key} ${to}`, message: id, what, from, text, wakes: wakesReceiver(message) }
      await engine.send(`${to}#1`, NEWS, mail, `mail ${key} ${to}`)
    }
    return id
  }

  #services(engine: Engine): Services {
    const quietly = (effect: Promise<unknown>): void => void effect.catch(() => undefined)
    const departmentOfTask = ({ handle }: TaskInput): string => handle.slice('app.pay.'.length)
    const services = {
      now: () => 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => this.world.repository(),
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
          if (!this.world.heads.has(department)) this.world.heads.set(department, base)
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
      board: {
        post: (_project: string, message: NewMessage, key: string) => this.#post(engine, message, key),
        hasHeard: async () => true,
        unanswered: async () => [],
        decisionsFor: async () => [],
        messagesOf: async () => this.posted,
      },
      gates: { look: async () => [] },
      ownerships: { trespasses: async () => [] },
      merges: { report: (_merge: string, entry: MergeEntry) => this.reports.push(entry) },
      audit: { expect: () => undefined },
      knownPasses: { has: async () => false, note: async () => undefined },
      queue: {
        offer: (...offers: Offer[]) => {
          this.offers.push(...offers)
          if (this.isQueueOpen) for (const offer of offers) quietly(this.#settle(engine, offer))
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
