import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { parseBoardFile } from '../../../src/domain/board/board-file.ts'
import type { BoardMessage, Receipt } from '../../../src/domain/board/message.ts'
import { homeOf } from '../../../src/config/home.ts'
import { type BoardOfHome, makeBoard } from '../../../src/daemon/board/make-board.ts'
import { PersonOutbox } from '../../../src/daemon/person/person-outbox.ts'
import type { News } from '../../../src/workflows/news.ts'
import type { TaskInput, TaskSettings } from '../../../src/workflows/task-input.ts'
import { ManualClock } from '../manual-clock.ts'
import { temporaryFolder } from '../temporary.ts'

export interface Told {
  readonly run: string
  readonly news: News
  readonly key: string
}

/** The board with worktrees, and a roster and an engine that are played. A new life is a daemon that reads what the last one left. */
export class BoardScene {
  readonly folder = temporaryFolder()
  readonly home = homeOf({ ORCH_HOME: join(this.folder, 'home') })
  /** Later than any file that a test writes, so that none counts as being written. */
  readonly clock = new ManualClock(Date.UTC(2100, 0, 1))
  /** Each once by run and key, as the engine keeps them. */
  readonly told: Told[] = []
  readonly notes: { handle: string; message?: { kind: string; text: string }; checkpoint?: unknown }[] = []
  readonly logged: unknown[] = []
  readonly stages = new Map<string, string>()
  readonly records = new Map<string, { runId: string; generation: number; input: TaskInput }>()
  /** Called before each word to a run: what it throws is a full disk. */
  beforeTell: (told: Told) => void = () => undefined
  /** Called wherever the board asks or tells something of the rest: between any two of its effects. */
  atPoint: () => void = () => undefined
  life: BoardLife

  constructor() {
    this.life = new BoardLife(this)
    onTestFinished(() => this.life.close())
  }

  /** A task of the project `app` with its worktree; with a feature it is one of its departments. */
  task(id: string, feature?: { id: string; departments: readonly string[] }): TaskInput {
    const worktree = join(this.folder, 'worktrees', id)
    for (const name of ['inbox/new', 'inbox/cur', 'outbox']) mkdirSync(join(worktree, '.orch', name), { recursive: true })
    const input = {
      handle: `app.${id}`,
      project: 'app',
      task: { id, title: id, body: '', needs: [], owns: [] },
      kind: 'spawned',
      worktree,
      settings: {} as TaskSettings,
      ...(feature !== undefined && {
        part: { feature: `app.${feature.id}`, departments: feature.departments.map((name) => ({ name })) },
      }),
    } as unknown as TaskInput
    this.records.set(input.handle, { runId: `${input.handle}#1`, generation: 1, input })
    return input
  }

  /** The departments of one feature, by name. */
  departments<Name extends string>(...names: Name[]): Record<Name, TaskInput> {
    const made = names.map((name) => [name, this.task(`pay.${name}`, { id: 'pay', departments: names })] as const)
    return Object.fromEntries(made) as Record<Name, TaskInput>
  }

  /** The daemon dies, and the next one goes on. */
  async restart(): Promise<void> {
    this.life.close()
    this.life = new BoardLife(this)
    await this.life.begin()
  }

  leave(input: TaskInput, name: string, text: string | Uint8Array): void {
    writeFileSync(join(input.worktree, '.orch', 'outbox', name), text)
  }

  outbox(input: TaskInput): string[] {
    return readdirSync(join(input.worktree, '.orch', 'outbox'))
  }

  inbox(input: TaskInput, folder: 'new' | 'cur'): string[] {
    return readdirSync(join(input.worktree, '.orch', 'inbox', folder))
  }

  /** What lies on the board's disk, in order. */
  onDisk(): BoardMessage[] {
    const folder = join(this.home.root, 'projects', 'app', 'board', 'messages')
    return (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => /^m\d+\.md$/.test(name))
      .flatMap((name) => parseBoardFile(readFileSync(join(folder, name), 'utf8')) ?? [])
      .toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
  }

  /** The mail that this task's run was given. */
  mailOf(input: TaskInput): Extract<News, { kind: 'mail' }>[] {
    return this.told.flatMap(({ run, news }) => (run.startsWith(`${input.handle}#`) && news.kind === 'mail' ? [news] : []))
  }

  receipts(id: string): readonly Receipt[] {
    const message = this.life.board.find('app', id)
    return message === undefined ? [] : this.life.board.receipts(message)
  }
}

export class BoardLife {
  readonly #made: BoardOfHome
  readonly person: PersonOutbox
  /** What the person answered to sessions' own requests. */
  readonly answered: unknown[] = []

  constructor(scene: BoardScene) {
    const { home, clock } = scene
    const logError = (error: unknown): void => void scene.logged.push(error)
    const now = (): number => {
      scene.atPoint()
      return clock.now()
    }
    const roster = {
      note: ({ handle }: TaskInput, note: object) => {
        scene.atPoint()
        scene.notes.push({ handle, ...note })
      },
      record: (handle: string) => {
        scene.atPoint()
        return scene.records.get(handle)
      },
      records: () => {
        scene.atPoint()
        return [...scene.records.values()]
      },
      stage: (handle: string) => {
        scene.atPoint()
        const kind = scene.stages.get(handle)
        return kind === undefined ? undefined : ({ kind } as never)
      },
    }
    const tell = async (run: string, news: News, key: string): Promise<void> => {
      const told = { run, news, key }
      scene.beforeTell(told)
      scene.atPoint()
      if (!scene.told.some((known) => known.run === run && known.key === key)) scene.told.push(told)
      scene.atPoint()
    }
    const stableId = (text: string): string => createHash('sha256').update(text).digest('hex')
    this.#made = makeBoard({ home, clock: { now, wait: (ms, signal) => clock.wait(ms, signal) }, roster, stableId, tell, logError })
    this.person = new PersonOutbox({
      home,
      board: this.board,
      roster,
      answerRequest: async (request) => void this.answered.push(request),
      logError,
    })
  }

  get board(): BoardOfHome['board'] {
    return this.#made.board
  }

  get delivery(): BoardOfHome['delivery'] {
    return this.#made.delivery
  }

  get outbox(): BoardOfHome['outbox'] {
    return this.#made.outbox
  }

  async begin(): Promise<void> {
    await this.#made.load()
    await this.delivery.deliverAll()
  }

  close(): void {
    this.#made.close()
    this.person.close()
  }
}
