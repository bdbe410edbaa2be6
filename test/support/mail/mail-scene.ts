import type { BoardMessage } from '../../../src/domain/board/message.ts'
import type { PermissionDecision, PermissionRequest } from '../../../src/domain/sessions/session-event.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { Clock } from '../../../src/platform/clock.ts'
import { type AttachRequest, NEWS, type News } from '../../../src/workflows/news.ts'
import { defineTask } from '../../../src/workflows/run-task.ts'
import { defineSeat, sessionQueue } from '../../../src/workflows/seat.ts'
import type { Services } from '../../../src/workflows/services.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import { until } from '../eventually.ts'
import { MortalEngine } from '../mortal-engine.ts'

const RUN = 'app.a#1'
export const PARK_AFTER_MS = 600_000
export const NUDGE_AFTER_MS = 60_000

export interface MailSceneOptions {
  readonly clock?: Clock
  /** What the session does with each message, the first time that it hears it. */
  readonly react?: (text: string, scene: MailScene) => void
  /** Only a person lets the work pass. */
  readonly isGated?: boolean
  /** Begun by a version that knew of no board. */
  readonly isOlder?: boolean
}

/** One task on a real engine that can die at any write, with a session that hears each message once, as Claude Code does, and others who write. */
export class MailScene {
  readonly stages: Stage[] = []
  readonly heard: { readonly process: string; readonly id: string; readonly text: string }[] = []
  /** Ids of all that was handed over, also again. */
  readonly written: string[] = []
  readonly settled: { readonly process: string; readonly requestId: string; readonly decision: PermissionDecision }[] = []
  readonly began: string[] = []
  stops = 0
  lives = 0
  /** Of the terminal that has been given back. */
  legacy = { isTouched: true, isTorn: false }
  /** Requests whose client is there no more. */
  readonly gone = new Set<string>()
  readonly refused: string[] = []
  readonly interrupts: string[] = []
  readonly #lent = new Map<string, { readonly process: string; isOver: boolean }>()
  uncommitted: string[] = ['work.txt']
  head = 'a'.repeat(40)
  decisions: BoardMessage[] = []
  /** What was asked of it and is not answered, as the board knows it. */
  open: { readonly id: string; readonly kind: string; readonly from: string; readonly text: string }[] = []
  readonly #options: MailSceneOptions
  /** As the board and the session's record do, it tells after a restart again what it told before. */
  readonly #told = new Map<string, News>()
  #processes = 0
  #isAlive = false
  #isBusy = false
  #count = 0
  readonly #mortal: MortalEngine

  constructor(options: MailSceneOptions = {}) {
    this.#options = options
    this.#mortal = new MortalEngine(options.clock)
  }

  static async begin(options: MailSceneOptions = {}): Promise<MailScene> {
    const scene = new MailScene(options)
    await scene.launch()
    return scene
  }

  /** Dies at the n-th write to the journal from now on. */
  async launch(dieAtWrite = Infinity): Promise<void> {
    this.lives += 1
    const engine = await this.#mortal.launch(dieAtWrite, (engine) => {
      engine.queue(sessionQueue('app'), { concurrency: 1 })
      defineSeat(engine)
      defineTask(engine, this.#services())
    })
    await this.#mortal.quietly(engine.start('task', this.#input(), { id: RUN }))
    for (const [key, news] of this.#told) await this.#mortal.quietly(engine.send(RUN, NEWS, news, key))
  }

  get isDead(): boolean {
    return this.#mortal.isDead
  }

  /** kill -9, as far as the journal can tell. */
  die(): Promise<void> {
    return this.#mortal.die()
  }

  get stage(): Stage | undefined {
    return this.stages.at(-1)
  }

  get texts(): readonly string[] {
    return this.heard.map(({ text }) => text)
  }

  get process(): string {
    return `1.${this.#processes}`
  }

  async tell(news: News, key = `news ${(this.#count += 1)}`): Promise<void> {
    this.#told.set(key, news)
    if (this.#mortal.engine !== undefined) await this.#mortal.quietly(this.#mortal.engine.send(RUN, NEWS, news, key))
  }

  /** `m2` and so on, told under its own key as the board does it. */
  mail(message: string, more: Partial<Extract<News, { kind: 'mail' }>> = {}): Promise<void> {
    const news = {
      kind: 'mail',
      id: `uuid ${message}`,
      message,
      what: 'answer',
      from: 'app.b',
      text: `[orch ${message}]`,
      wakes: true,
    } as const
    return this.tell({ ...news, ...more }, `mail ${message}`)
  }

  asks(message: string, to: readonly string[] = ['app.pay.backend']): Promise<void> {
    return this.tell({ kind: 'asked', message, what: 'question', to, text: `what of ${message}?` }, `asked ${message}`)
  }

  asksLeave(request: PermissionRequest): Promise<void> {
    return this.tell({ kind: 'leave-asked', process: this.process, request }, `leave ${request.id}`)
  }

  /** The session has read all that it was told, and its turn is over. */
  endTurn(): Promise<void> {
    this.#isBusy = false
    const heard = this.heard.map(({ id }) => id)
    const news = { kind: 'turn-ended', process: this.process, outcome: { kind: 'completed', text: '' }, heard } as const
    return this.tell(news, `turn after ${heard.at(-1) ?? ''}`)
  }

  async declare(what: 'done' | 'blocked', message = ''): Promise<void> {
    await this.tell({ kind: 'declared', what, commit: this.head, message })
    await this.endTurn()
  }

  /** A person wants it in their terminal: request `by`. */
  attach(by: string, isNow = false): Promise<void> {
    return this.tell({ kind: 'attach', by, client: { pid: 1, startTime: '1', bootId: 'b' }, isNow }, `attach ${by}`)
  }

  /** Nothing of it runs in a terminal any more. */
  async giveBack(legacy = this.legacy): Promise<void> {
    const open = [...this.#lent.values()].find(({ isOver }) => !isOver)
    if (open === undefined) return
    this.legacy = legacy
    open.isOver = true
    await this.tell({ kind: 'exited', process: open.process, exit: { kind: 'code', code: 0 } }, `exit ${open.process}`)
  }

  untilHeard(words: string): Promise<unknown> {
    return until(() => this.heard.find(({ text }) => text.includes(words)), { what: `the session hears "${words}"` })
  }

  untilStage(kind: Stage['kind'], what = ''): Promise<unknown> {
    return until(() => this.stage?.kind === kind && JSON.stringify(this.stage).includes(what), { what: `the stage ${kind} ${what}` }).catch(
      (cause: unknown) => {
        throw new Error(`not ${kind}: ${JSON.stringify(this.stages)}`, { cause })
      },
    )
  }

  #input(): TaskInput {
    const settings = { retries: 1, tick: 'never', land: 'review', max: 1, nudgeAfterMs: NUDGE_AFTER_MS }
    return {
      handle: 'app.a',
      project: 'app',
      repository: '/repo',
      kind: 'spawned',
      task: { id: 'a', title: 'a', body: '', needs: [], owns: [] },
      branch: 'feature/a',
      worktree: '/wt/a',
      target: 'main',
      priority: 0,
      environment: 'e',
      settings: this.#options.isOlder
        ? settings
        : { ...settings, parkAfterMs: PARK_AFTER_MS, gates: this.#options.isGated ? [{ name: 'auth' }] : [] },
      createdAt: 1,
    } as unknown as TaskInput
  }

  #hear(process: string, id: string, text: string): 'written' | 'gone' {
    if (process !== this.process || !this.#isAlive) return 'gone'
    this.written.push(id)
    if (this.heard.some((message) => message.id === id)) return 'written'
    this.heard.push({ process, id, text })
    this.#isBusy = true
    this.#options.react?.(text, this)
    return 'written'
  }

  #ensure(): { process: string; isResumed: boolean; interrupted?: string; unread: readonly string[] } {
    if ([...this.#lent.values()].some(({ isOver }) => !isOver)) throw new Error('a second process of a conversation')
    if (this.#isAlive) return { process: this.process, isResumed: false, unread: [] }
    const wasBusy = this.#isBusy
    this.#processes += 1
    this.#isAlive = true
    this.#isBusy = false
    this.began.push(this.process)
    return { process: this.process, isResumed: this.#processes > 1, unread: [], ...(wasBusy && { interrupted: '' }) }
  }

  /** One process of a conversation at any time. */
  #lend(by: string): { kind: 'lent'; process: string } | { kind: 'gone' } {
    const known = this.#lent.get(by)
    if (known !== undefined) return known.isOver ? { kind: 'gone' } : { kind: 'lent', process: known.process }
    if (this.gone.has(by)) return { kind: 'gone' }
    this.#isAlive = false
    this.#isBusy = false
    this.#processes += 1
    this.#lent.set(by, { process: this.process, isOver: false })
    return { kind: 'lent', process: this.process }
  }

  #services(): Services {
    const lastCommit = { sha: this.head, subject: 'Work', at: 1 }
    const services = {
      now: () => this.#options.clock?.now() ?? 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => ({
        inspectWorktree: async () => ({ head: this.head, branch: 'feature/a', uncommitted: this.uncommitted, lastCommit }),
      }),
      modelGate: { enter: async () => undefined },
      sessions: {
        ensure: async () => this.#ensure(),
        watch: () => undefined,
        say: async (_input: TaskInput, process: string, { id, text }: { id: string; text: string }) => this.#hear(process, id, text),
        settle: async (_input: TaskInput, process: string, requestId: string, decision: PermissionDecision) => {
          if (!this.settled.some((answer) => answer.requestId === requestId)) this.settled.push({ process, requestId, decision })
        },
        interrupt: async (_input: TaskInput, process: string) => {
          if (this.#isBusy) this.interrupts.push(process)
          return this.#isBusy
        },
        stop: async () => {
          this.stops += 1
          this.#isAlive = false
          for (const lent of this.#lent.values()) lent.isOver = true
        },
      },
      terminals: {
        lend: async (_input: TaskInput, _attempt: number, request: AttachRequest) => this.#lend(request.by),
        refuse: (by: string) => this.refused.push(by),
        takeBack: async () => {
          for (const lent of this.#lent.values()) lent.isOver = true
          return this.legacy
        },
      },
      roster: {
        setStage: (_input: TaskInput, stage: Stage) => this.stages.push(stage),
        setAttempt: () => undefined,
        note: () => undefined,
        needs: async () => ({ pending: [], failed: [] }),
        dependents: () => [],
      },
      board: {
        decisionsFor: async () => this.decisions,
        post: async () => 'gate',
        noteDelivered: () => undefined,
        unanswered: async (_project: string, ids: readonly string[]) => this.open.filter(({ id }) => ids.includes(id)),
      },
      gates: { look: async () => [{ gate: 'auth', why: 'changes auth', paths: [], content: 'auth' }] },
      worktrees: {
        base: async () => ({ commit: 'b'.repeat(40) }),
        ensure: async (_input: TaskInput, base: string) => ({ lastCommit: { sha: base, subject: 'Begin', at: 1 }, notes: [] }),
      },
      merges: { report: () => undefined },
    }
    return services as unknown as Services
  }
}
