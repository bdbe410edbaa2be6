import { HUMAN, type NewMessage, ORCH } from '../../../src/domain/board/message.ts'
import type { Trespass } from '../../../src/domain/features/ownership.ts'
import type { GateFinding } from '../../../src/domain/gates/gate.ts'
import type { MergeEntry } from '../../../src/domain/merging/merge-entry.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Engine, Json } from '../../../src/ports/engine.ts'
import { TaskLife } from '../../../src/workflows/life/task-life.ts'
import { NEWS, type News } from '../../../src/workflows/news.ts'
import type { Services, TaskNote } from '../../../src/workflows/services.ts'
import type { TaskInput, TaskSettings } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { type LifeOptions, OneLife } from '../one-life.ts'

/** What outlives a daemon: the board and what the person said there. */
export class PersonsBoard {
  /** By key. */
  readonly posts = new Map<string, { readonly id: string; readonly message: NewMessage }>()
  readonly answers = new Map<string, News>()

  post(message: NewMessage, key: string): string {
    const there = this.posts.get(key)
    if (there !== undefined) return there.id
    const id = `m${this.posts.size + 1}`
    this.posts.set(key, { id, message })
    return id
  }

  /** Which question was answered by orch itself, in order. */
  get takenBack(): readonly (string | undefined)[] {
    return [...this.posts.values()].filter(({ message }) => message.from === ORCH).map(({ message }) => message.inReplyTo)
  }

  /** The questions to the person, in order. */
  get asked(): readonly { readonly id: string; readonly message: NewMessage }[] {
    return [...this.posts.values()].filter(({ message }) => message.to.includes(HUMAN))
  }
}

export interface PersonSceneOptions extends LifeOptions {
  readonly body: (life: TaskLife) => Promise<Json | void>
  readonly settings?: Partial<TaskSettings>
  /** What a look at the commit finds that is not the task's to change. */
  readonly trespasses?: readonly Trespass[]
  readonly input?: Partial<TaskInput>
  readonly board?: PersonsBoard
  /** What a look at the commit finds. */
  readonly findings?: (commit: string) => readonly GateFinding[]
}

/** A task's run that asks its person, on the real journal. */
export class PersonScene {
  readonly board: PersonsBoard
  readonly engine: Engine
  readonly stages: Stage[] = []
  readonly notes: string[] = []
  readonly refusedMerges: MergeEntry[] = []
  /** Uuids of mail that the run has dealt with. */
  readonly delivered = new Set<string>()
  looks = 0
  stops = 0
  readonly #life: OneLife
  #count = 0

  private constructor(options: PersonSceneOptions) {
    this.board = options.board ?? new PersonsBoard()
    this.#life = new OneLife(options)
    this.engine = this.#life.engine
    this.engine.workflow('asks', async (run) => {
      const life = new TaskLife(run, { ...inputWith(options.settings), ...options.input }, this.#services(options))
      return (await options.body(life)) ?? null
    })
  }

  static async begin(options: PersonSceneOptions): Promise<PersonScene> {
    const scene = new PersonScene(options)
    await scene.#life.begin('asks')
    return scene
  }

  /** The board gives the person's answer to the run; said again it is the same. */
  async answer(id: string, decision: 'approve' | 'deny', text = ''): Promise<void> {
    const news = this.board.answers.get(id) ?? {
      kind: 'mail',
      id: `uuid ${id}`,
      message: `a${id}`,
      what: 'answer',
      from: HUMAN,
      inReplyTo: id,
      decision,
      text,
      wakes: true,
    }
    this.board.answers.set(id, news)
    await this.engine.send('run', NEWS, news, `mail ${id}`)
  }

  tell(news: News, key = `news ${(this.#count += 1)}`): Promise<void> {
    return this.engine.send('run', NEWS, news, key)
  }

  async ended(): Promise<Json> {
    return (await this.engine.start('asks', null, { id: 'run' })).result()
  }

  untilAsked(count: number): Promise<unknown> {
    return until(() => this.stages.at(-1)?.kind === 'at-gate' && this.board.asked.length >= count, { what: `${count} questions` })
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

  #services({ findings = () => [], trespasses = [] }: PersonSceneOptions): Services {
    const services = {
      now: () => 1,
      stableId: (text: string) => text,
      sessions: { stop: async () => void (this.stops += 1) },
      roster: {
        setStage: (_input: TaskInput, stage: Stage) => void this.stages.push(stage),
        note: (_input: TaskInput, { message }: TaskNote) => void this.notes.push(message?.text ?? ''),
      },
      ownerships: { trespasses: async () => trespasses },
      merges: { report: (_merge: string, entry: MergeEntry) => void this.refusedMerges.push(entry) },
      gates: {
        look: async (_input: TaskInput, _base: string, commit: string) => {
          await this.#life.alive()
          this.looks += 1
          return findings(commit)
        },
      },
      board: {
        noteDelivered: (_handle: string, uuid: string) => void this.delivered.add(uuid),
        post: async (_project: string, message: NewMessage, key: string) => {
          await this.#life.alive()
          return this.board.post(message, key)
        },
      },
      worktrees: { base: async () => ({ commit: 'b'.repeat(40) }) },
    }
    return services as unknown as Services
  }
}

function inputWith(settings: Partial<TaskSettings> = {}): TaskInput {
  const task = { id: 'a', title: 'a', body: '', needs: [], owns: [] }
  const names = { handle: 'app.a', project: 'app', branch: 'feature/a', worktree: '/wt/a', target: 'main' }
  return { ...names, task, settings: { parkAfterMs: 600_000, ...settings } } as unknown as TaskInput
}
