import { HUMAN, type NewMessage } from '../../../src/domain/board/message.ts'
import type { Department } from '../../../src/domain/features/department.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Finding, ReviewVerdict } from '../../../src/domain/verification/verdict.ts'
import type { Engine, Json } from '../../../src/ports/engine.ts'
import { TaskLife } from '../../../src/workflows/life/task-life.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import type { Services, TaskNote } from '../../../src/workflows/services.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import type { ReviewOutcome, ReviewRequest } from '../../../src/workflows/team-services.ts'
import { until } from '../eventually.ts'
import { type LifeOptions, OneLife } from '../one-life.ts'

export const DEPARTMENTS: readonly Department[] = [
  { name: 'backend', owns: ['src/api/**'], reviews: [], hasVeto: false },
  { name: 'frontend', owns: ['src/ui/**'], reviews: [], hasVeto: false },
  { name: 'security', owns: [], reviews: ['backend'], hasVeto: true },
]

export const MUST: Finding = { path: 'src/api/a.ts', line: 3, severity: 'must', what: 'no check', loss: 'the money' }

/** What outlives a daemon. */
export class ReviewWorld {
  /** The board, by key. */
  readonly posts = new Map<string, NewMessage>()
  /** What is known of commit and department; each is asked once. */
  readonly known = new Map<string, ReviewOutcome>()
  /** Of the branch. */
  head = 'c1'
}

export interface ReviewSceneOptions extends LifeOptions {
  readonly part?: Partial<TaskInput['part']>
  readonly world?: ReviewWorld
  readonly answer?: ReviewScene['answer']
}

/** A part's run that passes reviews, over departments that say what the test says. */
export class ReviewScene {
  readonly stages: Stage[] = []
  readonly reviewed: { readonly commit: string; readonly by: readonly string[] }[] = []
  readonly world: ReviewWorld
  notes: TaskNote = {}
  /** What a department answers about a commit; it approves unless the test says otherwise. */
  answer: (by: string, commit: string) => ReviewOutcome | Promise<ReviewOutcome> = (by, commit) => verdictOf(by, commit)
  changed: readonly string[] = ['src/api/a.ts']
  readonly engine: Engine
  readonly #body: (life: TaskLife) => Promise<Json>
  readonly #life: OneLife
  #count = 0

  static async begin(body: (life: TaskLife) => Promise<Json>, options: ReviewSceneOptions = {}): Promise<ReviewScene> {
    const scene = new ReviewScene(body, options)
    await scene.#life.begin('part')
    return scene
  }

  private constructor(body: (life: TaskLife) => Promise<Json>, options: ReviewSceneOptions) {
    this.#body = body
    this.world = options.world ?? new ReviewWorld()
    this.answer = options.answer ?? this.answer
    this.#life = new OneLife(options)
    this.engine = this.#life.engine
    this.engine.workflow('part', async (run) => {
      const life = new TaskLife(run, partInput(options.part ?? {}), this.#services())
      await life.fixBase()
      return this.#body(life)
    })
  }

  async ended(): Promise<Json> {
    return (await this.engine.start('part', null, { id: 'run' })).result()
  }

  tell(news: News): Promise<void> {
    return this.engine.send('run', NEWS, news, `news ${(this.#count += 1)}`)
  }

  /** The questions to the person, in order. */
  get asked(): readonly NewMessage[] {
    return [...this.posts.values()].filter(({ to }) => to.includes(HUMAN))
  }

  async untilAsked(count: number): Promise<void> {
    await until(() => this.asked.length === count && this.stages.at(-1)?.kind === 'at-gate', { what: `question ${count}` })
  }

  /** Of the newest question. */
  decide(decision: 'approve' | 'deny', text = ''): Promise<void> {
    const id = this.#idOf([...this.posts].findLast(([, { to }]) => to.includes(HUMAN))?.[0] ?? '')
    const answer = { kind: 'mail', id, message: `a${id}`, what: 'answer', from: HUMAN, inReplyTo: id, decision, text, wakes: true } as const
    return this.engine.send('run', NEWS, answer, `mail ${id}`)
  }

  get posts(): Map<string, NewMessage> {
    return this.world.posts
  }

  leftBehind(): string {
    return this.#life.leftBehind()
  }

  get isDead(): boolean {
    return this.#life.isDead
  }

  get died(): Promise<void> {
    return this.#life.died
  }

  async #ask(by: string, commit: string): Promise<ReviewOutcome> {
    const key = `${commit} ${by}`
    const outcome = this.world.known.get(key) ?? (await this.answer(by, commit))
    if (outcome.kind === 'verdict') this.world.known.set(key, outcome)
    return outcome
  }

  #idOf(key: string): string {
    return `m${[...this.posts.keys()].indexOf(key) + 1}`
  }

  #services(): Services {
    const repository = {
      targetTip: async () => ({ commit: 'base', isWaiting: false }),
      mergeBase: async () => 'base',
      isAncestor: async () => true,
      changes: async () => ({ files: this.changed.map((path) => ({ path })), isCut: false }),
      resolve: async () => this.world.head,
    }
    const services = {
      now: () => 1,
      stableId: (text: string) => text,
      repository: async () => repository,
      sessions: { stop: async () => undefined },
      roster: {
        setStage: (_input: TaskInput, stage: Stage) => void this.stages.push(stage),
        note: (_input: TaskInput, facts: TaskNote) => void (this.notes = { ...this.notes, ...facts }),
      },
      board: {
        noteDelivered: () => undefined,
        post: async (_project: string, message: NewMessage, key: string) => {
          await this.#life.alive()
          if (!this.posts.has(key)) this.posts.set(key, message)
          return this.#idOf(key)
        },
      },
      reviews: {
        review: async ({ commit, by }: ReviewRequest) => {
          await this.#life.alive()
          this.reviewed.push({ commit, by: by.map(({ name }) => name) })
          return Promise.all(by.map(({ name }) => this.#ask(name, commit)))
        },
      },
      worktrees: { base: async () => ({ commit: 'base' }) },
    }
    return services as unknown as Services
  }
}

export function verdictOf(by: string, commit: string, findings: readonly Finding[] = [], more: Partial<ReviewVerdict> = {}): ReviewOutcome {
  const outcome = findings.length === 0 ? 'approve' : 'findings'
  return {
    kind: 'verdict',
    costUsd: 0.5,
    verdict: { by, of: 'backend', commit, outcome, summary: `${by} looked`, findings, at: 7, ...more },
  }
}

function partInput(part: Partial<TaskInput['part']>): TaskInput {
  const task = { id: 'pay-backend', title: 'Backend', body: '', needs: [], owns: [] }
  const names = { handle: 'app.pay.backend', project: 'app', repository: '/repo', branch: 'dept/backend/pay', target: 'main', kind: 'part' }
  const settings = {
    feature: 'app.pay',
    run: 'app.pay#1',
    phase: 'departments',
    department: DEPARTMENTS[0],
    departments: DEPARTMENTS,
    contracts: [],
    hasDiscovery: false,
    hasReviews: true,
    reviewRounds: 1,
    ...part,
  }
  return { ...names, task, part: settings, settings: { parkAfterMs: 600_000 } } as unknown as TaskInput
}
