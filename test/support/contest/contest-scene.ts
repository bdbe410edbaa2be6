import { expect } from 'vitest'
import type { ContestFacts } from '../../../src/domain/attempts/contest-facts.ts'
import type { Sha } from '../../../src/foundation/brand.ts'
import type { EntryOutcome } from '../../../src/domain/queue/entry.ts'
import type { MergeEntry } from '../../../src/domain/merging/merge-entry.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Engine } from '../../../src/ports/engine.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import type { Offer } from '../../../src/workflows/queue/offer.ts'
import { defineTask } from '../../../src/workflows/run-task.ts'
import { defineSeat, sessionQueue } from '../../../src/workflows/seat.ts'
import type { Services, TaskNote } from '../../../src/workflows/services.ts'
import type { ContestSettings, TaskInput } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { MortalEngine } from '../mortal-engine.ts'

/** What the session of an attempt does with each prompt. `silent`: its turn goes on until the test ends it. */
export type Manner = 'works' | 'fails' | 'blocks' | 'silent'

const RUN = 'app.a#1'

/** One task with attempts on a real engine that can die at any write, in a world that outlives it. */
export class ContestScene {
  readonly manners: Manner[]
  /** Lines that each attempt changes. */
  readonly sizes: number[]
  readonly stages = new Map<string, Stage>()
  contest: ContestFacts | undefined
  branch = ''
  readonly kept: ContestFacts[] = []
  readonly reports: MergeEntry[] = []
  readonly begun: string[] = []
  /** Mail that a run has said is delivered. */
  readonly delivered: string[] = []
  readonly said: { readonly handle: string; readonly text: string; readonly id: string }[] = []
  readonly ended: string[] = []
  readonly cleaned: string[] = []
  readonly told: string[] = []
  /** Branches of the offers that the queue landed, by entry. */
  readonly landed = new Map<string, string>()
  /** What becomes of the next entries; landed when there are no more. */
  readonly outcomes: EntryOutcome[] = []
  readonly #outcomeOf = new Map<string, EntryOutcome>()
  readonly #commits = new Map<string, number>()
  #settings: Partial<ContestSettings> & { readonly land?: 'auto' | 'review' }
  #count = 0
  readonly #mortal = new MortalEngine()

  constructor(
    manners: readonly Manner[],
    sizes: readonly number[],
    settings: Partial<ContestSettings> & { readonly land?: 'auto' | 'review' } = {},
  ) {
    this.manners = [...manners]
    this.sizes = [...sizes]
    this.#settings = settings
  }

  /** Dies at the n-th write to the journal from now on. */
  async launch(dieAtWrite = Infinity): Promise<void> {
    const engine = await this.#mortal.launch(dieAtWrite, (engine) => {
      engine.queue(sessionQueue('app'), { concurrency: 9 })
      defineSeat(engine)
      defineTask(engine, this.#services(engine))
      engine.workflow('cleanup', (run, { task }: { task: TaskInput }) =>
        run.step('clean', () => {
          this.cleaned.push(task.handle)
          return { kind: 'removed', steps: [], archive: '', notes: '' }
        }),
      )
    })
    await this.#mortal.quietly(engine.start('task', this.#input(), { id: RUN }))
  }

  get isDead(): boolean {
    return this.#mortal.isDead
  }

  get isOver(): boolean {
    return this.#mortal.engine?.get(RUN)?.endedAt !== undefined
  }

  /** kill -9, as far as the journal can tell. */
  die(): Promise<void> {
    return this.#mortal.die()
  }

  tell(news: News, run = RUN): Promise<void> {
    return this.#live.send(run, NEWS, news, `news ${(this.#count += 1)}`)
  }

  merge(attempt?: number): Promise<void> {
    return this.tell({ kind: 'merge', merge: 'm', ...(attempt !== undefined && { attempt }) })
  }

  /** The attempt's session has done what it was told. */
  async endTurn(number: number, manner: Manner): Promise<void> {
    this.manners[number - 1] = manner
    await this.#answer(this.#live, `app.a.${number}`)
  }

  untilStage(handle: string, kind: Stage['kind'], words = ''): Promise<unknown> {
    return until(
      () => {
        const stage = this.stages.get(handle)
        return stage?.kind === kind && JSON.stringify(stage).includes(words)
      },
      { what: `${handle} is ${kind} ${words}` },
    ).catch((cause: unknown) => {
      throw new Error(`not ${kind}: ${JSON.stringify([...this.stages])}`, { cause })
    })
  }

  async result(): Promise<unknown> {
    return (await this.#live.start('task', this.#input(), { id: RUN })).result()
  }

  /** Whatever happened on the way: this one landed, once, and every other was put away. */
  expectTaken(number: number): void {
    expect([...this.landed.values()]).toEqual([`feature/a-${number}`])
    expect(this.branch).toBe(`feature/a-${number}`)
    expect(this.stages.get('app.a')).toMatchObject({ kind: 'merged' })
    expect(this.contest?.taken).toBe(number)
    const others = this.manners.map((_manner, index) => index + 1).filter((each) => each !== number)
    expect(new Set(this.cleaned)).toEqual(new Set(others.map((each) => `app.a.${each}`)))
    expect(new Set(this.ended)).toEqual(new Set(this.manners.map((_manner, index) => `app.a.${index + 1}`)))
    expect(this.kept.at(-1)?.taken).toBe(number)
  }

  get #live(): Engine {
    return this.#mortal.live
  }

  #input(): TaskInput {
    const attempts = this.manners.map((_manner, index) => ({
      number: index + 1,
      branch: `feature/a-${index + 1}`,
      worktree: `/wt/a-${index + 1}`,
    }))
    const { land = 'auto', ...contest } = this.#settings
    const settings = { retries: 1, tick: 'never', land, max: 9, validate: 'check', nudgeAfterMs: 60_000 }
    return {
      handle: 'app.a',
      project: 'app',
      repository: '/repo',
      kind: 'backlog',
      task: { id: 'a', title: 'a', body: '', needs: [], owns: [] },
      branch: 'feature/a',
      worktree: '/wt/a',
      target: 'main',
      priority: 0,
      environment: 'e',
      settings,
      contest: { take: 'ask', ...contest, attempts },
      createdAt: 1,
    } as unknown as TaskInput
  }

  /** The commit of an attempt: another one after every prompt that it worked on. */
  #head(handle: string): string {
    return `${handle.slice(-1)}${this.#commits.get(handle) ?? 0}`.padEnd(40, 'a')
  }

  async #answer(engine: Engine, handle: string): Promise<void> {
    const manner = this.manners[Number(handle.slice(-1)) - 1]
    if (manner === 'silent') return
    const heard = this.said.filter((message) => message.handle === handle).map(({ id }) => id)
    const key = heard.at(-1) ?? ''
    const run = `${handle}#1`
    if (manner === 'blocks') await engine.send(run, NEWS, { kind: 'declared', what: 'blocked', commit: '', message: 'Which?' }, `d ${key}`)
    await engine.send(run, NEWS, { kind: 'turn-ended', process: '1.1', outcome: { kind: 'completed', text: '' }, heard }, `t ${key}`)
  }

  async #settle(engine: Engine, { entry, run }: Offer): Promise<void> {
    const outcome = this.#outcomeOf.get(entry.id) ?? this.outcomes.shift() ?? ({ kind: 'landed', commit: 'd'.repeat(40) as Sha } as const)
    this.#outcomeOf.set(entry.id, outcome)
    if (outcome.kind === 'landed') this.landed.set(entry.id, entry.branch)
    await engine.send(run, NEWS, { kind: 'settled', entry: entry.id, outcome }, `settled ${entry.id}`)
  }

  #services(engine: Engine): Services {
    const quietly = (effect: Promise<unknown>): void => void effect.catch(() => undefined)
    const services = {
      now: () => 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => ({
        treeOf: async (commit: string) => commit,
        inspectWorktree: async (path: string) => ({
          head: this.#head(path),
          branch: `feature/${path.slice(4)}`,
          uncommitted: [],
          lastCommit: { sha: this.#head(path), subject: 'Work', at: 1 },
        }),
      }),
      modelGate: { enter: async () => undefined },
      sessions: {
        ensure: async () => ({ process: '1.1', isResumed: false, unread: [] }),
        watch: () => undefined,
        say: async ({ handle, worktree }: TaskInput, _process: string, { id, text }: { id: string; text: string }) => {
          if (!this.said.some((message) => message.id === id && message.handle === handle)) {
            this.said.push({ handle, text, id })
            this.#commits.set(worktree, (this.#commits.get(worktree) ?? 0) + 1)
          }
          quietly(this.#answer(engine, handle))
          return 'written'
        },
        interrupt: async () => false,
        stop: async () => undefined,
      },
      roster: {
        setStage: ({ handle }: TaskInput, stage: Stage) => this.stages.set(handle, stage),
        setAttempt: () => undefined,
        note: ({ handle }: TaskInput, facts: TaskNote) => {
          if (handle !== 'app.a') return
          if (facts.contest !== undefined) this.contest = facts.contest
          if (facts.branch !== undefined) this.branch = facts.branch
          if (facts.message !== undefined) this.told.push(facts.message.text)
        },
        needs: async () => ({ pending: [], failed: [] }),
        dependents: () => [],
      },
      worktrees: {
        base: async () => ({ commit: 'b'.repeat(40) }),
        ensure: async (_input: TaskInput, base: string) => ({ lastCommit: { sha: base, subject: 'Begin', at: 1 }, notes: [] }),
        tickFile: async () => undefined,
      },
      commands: {
        run: async ({ input }: { input: TaskInput }) => {
          const isPassed = this.manners[(input.attemptOf?.number ?? 0) - 1] !== 'fails'
          return { isPassed, summary: isPassed ? 'check passed' : 'check ended with 1', tail: '', file: '', exit: isPassed ? 0 : 1 }
        },
      },
      archive: { keepLearnings: async () => undefined },
      board: { noteDelivered: (handle: string, uuid: string) => void this.delivered.push(`${handle} ${uuid}`) },
      merges: { report: (_merge: string, entry: MergeEntry) => this.reports.push(entry) },
      audit: { expect: () => undefined },
      knownPasses: { has: async () => false, note: async () => undefined },
      queue: { offer: (offer: Offer) => quietly(this.#settle(engine, offer)), forget: () => undefined, withdraw: async () => 'out' },
      attempts: {
        begin: async (input: TaskInput) => {
          const id = `${input.handle}#1`
          this.begun.push(input.handle)
          await engine.start('task', input, { id })
          return id
        },
        measure: async ({ handle }: TaskInput) => ({ lines: this.sizes[Number(handle.slice(-1)) - 1], files: 1, costUsd: 0.1 }),
        end: async ({ handle }: TaskInput, run: string, reason: string) => {
          await engine.send(run, NEWS, { kind: 'discard', reason }, `discard ${run}`)
          await (await engine.start('task', {}, { id: run })).result()
          this.ended.push(handle)
        },
        keep: async (_input: TaskInput, facts: ContestFacts) => void this.kept.push(facts),
      },
    }
    return services as unknown as Services
  }
}
