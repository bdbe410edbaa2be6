import { until } from './eventually.ts'
import { testEngine } from './engine.ts'
import { Failure } from '../../src/foundation/failure.ts'
import type { Sha } from '../../src/foundation/brand.ts'
import type { EntryOutcome } from '../../src/domain/queue/entry.ts'
import type { NewMessage } from '../../src/domain/board/message.ts'
import type { GateFinding } from '../../src/domain/gates/gate.ts'
import type { MergeEntry } from '../../src/domain/merging/merge-entry.ts'
import type { Stage } from '../../src/domain/tasks/stage.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { NEWS, type News } from '../../src/workflows/news.ts'
import { defineTask } from '../../src/workflows/run-task.ts'
import type { Offer } from '../../src/workflows/queue/offer.ts'
import { defineSeat, sessionQueue } from '../../src/workflows/seat.ts'
import type { CommandOutcome, Services, TaskNote } from '../../src/workflows/services.ts'
import type { TaskInput } from '../../src/workflows/task-input.ts'

export const LANDED = 'd'.repeat(40) as Sha

/** Tasks of one project on a real engine, over services that do what the test says. */
export class TaskScene {
  dependents: readonly string[] = []
  /** What the world fails at. */
  readonly failing = new Set<'setup' | 'queue' | 'tick' | 'stop' | 'say'>()
  readonly stages = new Map<string, Stage>()
  readonly reports = new Map<string, MergeEntry>()
  onReport: (entry: MergeEntry) => unknown = () => undefined
  readonly notes: string[] = []
  facts: TaskNote = {}
  /** What a look at its commit finds. */
  findings: readonly GateFinding[] = []
  /** What was put on the board, by key: `m1`, `m2`, … */
  readonly posts = new Map<string, NewMessage>()
  readonly ensuredFrom: string[] = []
  readonly commands: string[] = []
  readonly failingCommands = new Set<string>()
  /** What was offered to the queue. */
  readonly offers: Offer[] = []
  readonly forgotten: string[] = []
  /** What no longer waits for a clean checkout. */
  readonly dropped: string[] = []
  /** What becomes of the next offers; landed when there are no more. */
  readonly outcomes: (EntryOutcome | 'open')[] = []
  withdrawal: 'out' | 'landing' = 'out'
  onCommand: (command: string) => unknown = () => undefined
  /** What the process that is asked for next knows of the one before it. */
  left: { readonly unread: readonly string[]; readonly isResumed: boolean } = { unread: [], isResumed: false }
  /** To which process which message went. */
  readonly said: { readonly process: string; readonly id: string; readonly text: string }[] = []
  #processes = 0
  readonly #more: Partial<TaskInput['settings']>
  base = 'b'.repeat(40)
  readonly #engine: Engine
  #count = 0

  /** `folder`: where an earlier life's journal is. */
  static async begin(more: Partial<TaskInput['settings']> = {}, folder?: string): Promise<TaskScene> {
    const engine = testEngine(folder)
    const scene = new TaskScene(engine, more)
    engine.queue(sessionQueue('app'), { concurrency: 1 })
    defineSeat(engine)
    defineTask(engine, scene.#services())
    await engine.launch()
    return scene
  }

  private constructor(engine: Engine, more: Partial<TaskInput['settings']>) {
    this.#more = more
    this.#engine = engine
  }

  async start(id: string, kind: TaskInput['kind'] = 'manual'): Promise<void> {
    const task = { id, title: id, body: '', needs: [], owns: [] }
    const settings = { setup: 'make', retries: 1, tick: 'never', land: 'review', max: 1, ...this.#more }
    await this.#engine.start(
      'task',
      {
        handle: `app.${id}`,
        project: 'app',
        repository: '/repo',
        kind,
        task,
        branch: `feature/${id}`,
        worktree: `/wt/${id}`,
        target: 'main',
        priority: 0,
        environment: 'e',
        settings,
        createdAt: 1,
      },
      { id: `app.${id}#1` },
    )
  }

  tell(id: string, news: News): Promise<void> {
    return this.#engine.send(`app.${id}#1`, NEWS, news, `news ${(this.#count += 1)}`)
  }

  /** The person's answer to a message of the task's. */
  answer(id: string, inReplyTo: string, decision: 'approve' | 'deny', text: string): Promise<void> {
    return this.tell(id, {
      kind: 'mail',
      id: `answer ${inReplyTo}`,
      message: 'm9',
      what: 'answer',
      from: 'human',
      inReplyTo,
      decision,
      text,
      wakes: true,
    })
  }

  /** Resolves with the process that was told this. */
  async untilSaid(words: string): Promise<string> {
    return (await until(() => this.said.find(({ text }) => text.includes(words)), { what: `the session hears "${words}"` })).process
  }

  /** The session has heard everything and ends its turn. */
  endTurn(id: string, process: string): Promise<void> {
    const heard = this.said.map((message) => message.id)
    return this.tell(id, { kind: 'turn-ended', process, outcome: { kind: 'completed', text: '' }, heard })
  }

  async ended(id: string): Promise<unknown> {
    return (await this.#engine.start('task', null, { id: `app.${id}#1` })).result()
  }

  untilStage(id: string, kind: Stage['kind']): Promise<unknown> {
    return until(() => this.stages.get(id)?.kind === kind, { what: `${id} is ${kind}` })
  }

  #run({ name, line, cwd }: { name: string; line: string; cwd: string }): CommandOutcome {
    this.commands.push(`${name}: ${line} in ${cwd}`)
    this.onCommand(`${name}: ${line} in ${cwd}`)
    const exit = this.failingCommands.has(name) ? 1 : 0
    return { isPassed: exit === 0, summary: exit === 0 ? '' : `${line} ended with 1`, tail: '', file: '', exit }
  }

  #settle({ run, entry }: Offer): void {
    const outcome = this.outcomes.shift() ?? { kind: 'landed', commit: LANDED }
    if (outcome !== 'open') void this.#engine.send(run, NEWS, { kind: 'settled', entry: entry.id, outcome }, `settled ${entry.id}`)
  }

  /** The entry that is open in the queue is settled now. */
  async settleLast(outcome: EntryOutcome): Promise<void> {
    const offer = this.offers.at(-1)
    if (offer !== undefined)
      await this.#engine.send(offer.run, NEWS, { kind: 'settled', entry: offer.entry.id, outcome }, `settled ${offer.entry.id}`)
  }

  #services(): Services {
    const may = (what: 'setup' | 'queue' | 'tick' | 'stop' | 'say'): void => {
      if (this.failing.has(what)) throw new Failure('disk-full', `${what}: no space`)
    }
    const head = 'a'.repeat(40)
    const repository = {
      inspectWorktree: async (path: string) => ({
        head,
        branch: `feature/${path.slice(-1)}`,
        uncommitted: [],
        lastCommit: { subject: 'Work' },
      }),
      targetTip: async () => ({ commit: 'c'.repeat(40), isWaiting: false }),
      isAncestor: async () => true,
      resolve: async () => head,
      treeOf: async () => head,
      landWaiting: async () => ({ kind: 'landed', commit: LANDED }),
      dropWaiting: async (_target: string, commit: string) => void this.dropped.push(commit),
    }
    const services = {
      now: () => 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => repository,
      manual: { command: async () => ({ command: 'cd /wt/a && claude', again: 'cd /wt/a && claude --resume=1' }) },
      modelGate: { enter: async () => undefined },
      sessions: {
        ensure: async (_input: TaskInput, attempt: number) => ({ process: `${attempt}.${(this.#processes += 1)}`, ...this.left }),
        watch: () => undefined,
        say: async (_input: TaskInput, process: string, { id, text }: { id: string; text: string }) => {
          may('say')
          this.said.push({ process, id, text })
          return 'written'
        },
        interrupt: async () => true,
        stop: async () => may('stop'),
      },
      roster: {
        setStage: (input: TaskInput, stage: Stage) => this.stages.set(input.task.id, stage),
        setAttempt: () => undefined,
        note: (_input: TaskInput, facts: TaskNote) => {
          this.facts = { ...this.facts, ...facts }
          if (facts.message !== undefined) this.notes.push(facts.message.text)
        },
        needs: async () => ({ pending: [], failed: [] }),
        dependents: () => this.dependents,
      },
      worktrees: {
        base: async () => ({ commit: this.base, note: 'starts from the local main: offline' }),
        ensure: async (_input: TaskInput, base: string) => (
          this.ensuredFrom.push(base),
          { lastCommit: { sha: base, subject: 'Begin', at: 1 }, notes: ['.env was not copied: too large'] }
        ),
        tickFile: async () => may('tick'),
      },
      commands: {
        run: async (command: { name: string; line: string; cwd: string }) => this.#run(command),
        setUp: async (command: { name: string; line: string; cwd: string }) => (may('setup'), this.#run(command)),
      },
      archive: { keepLearnings: async () => undefined },
      merges: { report: (_merge: string, entry: MergeEntry) => (this.reports.set(entry.handle.slice(-1), entry), this.onReport(entry)) },
      audit: { expect: () => undefined },
      gates: { look: async () => this.findings },
      board: {
        noteDelivered: () => undefined,
        post: async (_project: string, message: NewMessage, key: string) => {
          this.posts.set(key, this.posts.get(key) ?? message)
          return `m${[...this.posts.keys()].indexOf(key) + 1}`
        },
      },
      knownPasses: { has: async () => false, note: async () => undefined },
      queue: {
        offer: (offer: Offer) => {
          may('queue')
          this.offers.push(offer)
          this.#settle(offer)
        },
        forget: (entry: string) => this.forgotten.push(entry),
        withdraw: async () => this.withdrawal,
      },
    }
    return services as unknown as Services
  }
}
