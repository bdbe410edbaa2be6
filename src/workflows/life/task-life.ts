import { invariant } from '../../foundation/invariant.ts'
import { HUMAN } from '../../domain/board/message.ts'
import type { PermissionRequest } from '../../domain/sessions/session-event.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Run } from '../../ports/engine.ts'
import type { News } from '../news.ts'
import type { Legacy } from '../attach/terminals.ts'
import type { Services, TaskNote } from '../services.ts'
import type { Limited } from '../talk/talk-end.ts'
import type { TaskInput } from '../task-input.ts'
import { ReviewBook } from '../verification/review-book.ts'
import { Words } from '../talk/words.ts'
import type { Standing } from '../../domain/attempts/standing.ts'
import { AttemptReport } from './attempt-report.ts'
import { endsRun, reasonOf } from './ending.ts'
import { Leaves } from './leaves.ts'
import { Letters } from './letters.ts'
import { Mailbox, type Message } from './mailbox.ts'
import { Seats } from './seats.ts'
import type { WorktreeLook } from './worktree-look.ts'

/** One task's run with what every part of its life uses: the mailbox, the stage, seats, the session. */
export class TaskLife {
  readonly run: Run
  input: TaskInput
  readonly services: Services
  words: Words
  readonly mailbox: Mailbox
  readonly seats: Seats
  /** How the task's attempts stand, by number, or a feature's parts, by department; heard of at the moment it is read, whoever reads. */
  readonly standings = new Map<number | string, Standing>()
  /** What the person answered, by the id of the message; heard of at the moment it is read, whoever reads. */
  readonly answers = new Map<string, PersonAnswer>()
  /** Messages by which orch itself asked the person for this task: their answers are not the session's to hear. */
  readonly ownQuestions = new Set<string>()
  /** Those of them about gates that the work meets now. */
  readonly gateQuestions = new Set<string>()
  readonly letters = new Letters()
  readonly leaves = new Leaves()
  /** Its process was ended while it waited for a word: what it was torn from is no accident. */
  isParked = false
  readonly reviews = new ReviewBook()
  /** Paths outside of its bounds that the person lets it land. */
  readonly permitted = new Set<string>()
  readonly #report: AttemptReport
  /** The conversation's number: a new one begins when the old cannot go on. */
  attempt = 1
  /** Turns in a row that the model failed. */
  failedTurns = 0
  /** What the session declared and no turn's end has answered yet. */
  declared: Extract<News, { kind: 'declared' }> | undefined
  isSetUp = false
  /** There was a checkpoint before: a session that was only asked something since need not declare again. */
  isFinishedOnce = false
  returned: Legacy | undefined // by a person, from their terminal, and not looked at yet
  /** The checkpoint whose contents the other parts have been told. */
  toldOf: string | undefined
  /** A person asked for the merge: what was sent back and mended goes on by itself. */
  isMergeAsked = false
  /** Called with each news at the moment it is read, whoever reads it. */
  readonly hearers: ((news: News) => void)[] = []
  /** What waits to be said until the task is seen as merged. */
  readonly onceMerged: (() => void)[] = []
  #base: string | undefined
  #process: string | undefined
  /** Everything said, for a process that died before it had read all. */
  readonly #said = new Map<string, Message & { readonly attempt?: number }>()
  /** What no process is known to have been handed. */
  readonly #unsaid = new Set<string>()
  #interruptions = 0
  #isGatePassed = false
  #count = 0

  constructor(run: Run, input: TaskInput, services: Services) {
    this.run = run
    this.input = input
    this.services = services
    this.words = new Words(input)
    this.#report = new AttemptReport(run, input)
    this.mailbox = new Mailbox(run, (news) => this.#heed(news))
    this.seats = new Seats({ run, priority: input.priority, mailbox: this.mailbox, nextNumber: () => this.nextNumber() })
  }

  /** The same at every replay. */
  nextNumber(): number {
    return (this.#count += 1)
  }

  newMessageId(): string {
    return this.services.stableId(`${this.run.id} message ${this.nextNumber()}`)
  }

  /** The next news; undefined when none came within `timeoutMs`. Giving the task up ends every wait. */
  async next(timeoutMs?: number): Promise<News | undefined> {
    for (;;) {
      const news = await this.mailbox.next(timeoutMs)
      if (!this.#isOwnInterruption(news)) return news
    }
  }

  /** The end of a turn that we ended ourselves is no news. */
  #isOwnInterruption(news: News | undefined): boolean {
    if (news?.kind !== 'turn-ended' || this.#interruptions === 0 || !this.isCurrent(news.process)) return false
    this.#interruptions -= 1
    return news.outcome.kind === 'interrupted'
  }

  #heed(news: News): void {
    if (news.kind === 'resume') this.#heedResume(news)
    if (news.kind === 'seat') this.seats.note(news.seat)
    if (news.kind === 'attempt') this.standings.set(news.number, news.standing)
    if (news.kind === 'part') this.standings.set(news.department, news.standing)
    if (news.kind === 'mail') this.#heedAnswer(news)
    for (const hear of this.hearers) hear(news)
    this.leaves.heed(news)
    if (!this.isOfOwnQuestion(news)) this.letters.heed(news)
    else if (news.kind === 'mail') this.services.board.noteDelivered(this.input.handle, news.id, this.services.now())
  }

  /** The first answer counts; the board refuses a second one. */
  #heedAnswer({ from, inReplyTo, decision, text }: Extract<News, { kind: 'mail' }>): void {
    if (from !== HUMAN || inReplyTo === undefined || this.answers.has(inReplyTo)) return
    this.answers.set(inReplyTo, { kind: 'answered', id: inReplyTo, text, ...(decision !== undefined && { decision }) })
  }

  /** It is about what orch itself asked. */
  isOfOwnQuestion(news: News): boolean {
    const id = news.kind === 'mail' ? news.inReplyTo : news.kind === 'asked' ? news.message : undefined
    return id !== undefined && this.ownQuestions.has(id)
  }

  #heedResume({ environment, model }: Extract<News, { kind: 'resume' }>): void {
    if (environment !== undefined) this.input = { ...this.input, environment }
    if (model !== undefined) this.input = { ...this.input, settings: { ...this.input.settings, model } }
  }

  async stage(stage: Stage): Promise<void> {
    const at = await this.run.step(`stage ${stage.kind}`, () => this.services.now())
    this.services.roster.setStage(this.input, stage, at)
    await this.#report.staged(stage, at)
  }

  /** `isReal`: something was run. */
  judged(commit: string, isReal: boolean, summary: string): void {
    this.#report.noteVerdict(commit, isReal, summary)
  }

  note(facts: TaskNote): void {
    this.services.roster.note(this.input, facts)
  }

  /** The commit the work started from; known once the worktree is prepared. */
  get base(): string {
    invariant(this.#base !== undefined, 'the worktree is prepared before its base is asked for')
    return this.#base
  }

  /** Once for the task's life: the target moves on, and work would be looked for in what others have landed. */
  async fixBase(): Promise<string> {
    if (this.#base !== undefined) return this.#base
    const { commit, note, at } = await this.run.step('base', async () => ({
      ...(await this.services.worktrees.base(this.input)),
      at: this.services.now(),
    }))
    if (note !== undefined) this.note({ message: { at, kind: 'note', text: note } })
    return (this.#base = commit)
  }

  get hasBase(): boolean {
    return this.#base !== undefined
  }

  /** For what must not stop the task: a failure is told to the person and life goes on. */
  async tryTo(what: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (endsRun(error)) throw error
      const at = await this.run.step('failure', () => this.services.now())
      this.note({ message: { at, kind: 'failure', text: `could not ${what}: ${reasonOf(error)}` } })
    }
  }

  /** The live process, started or resumed; its news comes to this run. */
  async ensureSession(): Promise<{ isResumed: boolean; interrupted?: string; unread: readonly Message[] }> {
    const opened = await this.run.step(`session of attempt ${this.attempt}`, (signal) =>
      this.services.sessions.ensure(this.input, this.attempt, signal),
    )
    this.services.roster.setAttempt(this.input, this.attempt)
    this.follow(opened.process)
    for (const id of opened.unread) this.#unsaid.add(id)
    const unread = [...this.#unsaid]
      .flatMap((id) => this.#said.get(id) ?? [])
      .filter(({ attempt = this.attempt }) => attempt === this.attempt)
    return { isResumed: opened.isResumed, ...(opened.interrupted !== undefined && { interrupted: opened.interrupted }), unread }
  }

  /** From here on this is the task's process, and its news comes to this run. */
  follow(process: string): void {
    if (this.#process !== process) this.#interruptions = 0
    this.#process = process
    this.services.sessions.watch(this.input, process, this.run.id)
  }

  get hasSession(): boolean {
    return this.#process !== undefined
  }

  /** Of the newest process, as its folder below `sessions` is called. */
  get session(): string | undefined {
    return this.#process === undefined ? undefined : `${this.input.handle}/${this.#process}`
  }

  isCurrent(process: string): boolean {
    return process === this.#process
  }

  /** The message's id. A process that has gone will be missed by the news of its end; what it was told is said to the next one. */
  async say(text: string, when: 'steer' | 'next-turn' = 'next-turn', id?: string): Promise<string> {
    const process = this.#process
    invariant(process !== undefined, 'a session is ensured before it is spoken to')
    const message = { id: id ?? this.newMessageId(), text, when }
    // What orch says means nothing to another conversation; what the person said does.
    if (!this.#said.has(message.id)) this.#said.set(message.id, { ...message, ...(id === undefined && { attempt: this.attempt }) })
    this.#unsaid.add(message.id)
    const outcome = await this.run.step('say', () => this.services.sessions.say(this.input, process, message))
    if (outcome === 'written') this.#unsaid.delete(message.id)
    return message.id
  }

  /** Nothing was said yet in this conversation. */
  get isNewConversation(): boolean {
    return ![...this.#said.values()].some(({ attempt }) => attempt === this.attempt)
  }

  /** It costs no memory while it waits. */
  async parkSession(): Promise<void> {
    this.isParked = true
    await this.stopSession()
  }

  get openLeaves(): readonly PermissionRequest[] {
    return this.leaves.openOf(this.#process)
  }

  /** Whether there was a turn to interrupt. */
  async interrupt(): Promise<boolean> {
    const process = this.#process
    const wasRunning =
      process !== undefined && (await this.run.step('interrupt', () => this.services.sessions.interrupt(this.input, process)))
    if (wasRunning) this.#interruptions += 1
    return wasRunning
  }

  async stopSession(): Promise<void> {
    await this.run.step('stop session', () => this.services.sessions.stop(this.input))
  }

  /** A person wants a try now. */
  passGate(): void {
    this.#isGatePassed = true
  }

  /** Undefined when a turn may begin now; else until when the fleet is held, and then `prompt` is to be said. */
  async modelHold(prompt: string | undefined): Promise<Limited | undefined> {
    if (this.#isGatePassed) {
      this.#isGatePassed = false
      return undefined
    }
    const backOff = await this.run.step('model gate', async (signal) => (await this.services.modelGate.enter(signal)) ?? null)
    return backOff === null ? undefined : { kind: 'limited', until: backOff.until, reason: backOff.reason, prompt }
  }

  /** A department may find nothing to change: it says so, or has said so before. */
  async lookAtWorktree(isDeclared = false): Promise<WorktreeLook> {
    const { input, services } = this
    const mayBeUnchanged = input.part !== undefined && isDeclared
    return this.run.step('look at the worktree', async () => {
      const repository = await services.repository(input.repository)
      const { head, branch, uncommitted, operation, lastCommit } = await repository.inspectWorktree(input.worktree)
      const hasCommit = head !== this.base
      const isReady = (hasCommit || mayBeUnchanged) && uncommitted.length === 0 && operation === undefined && branch === input.branch
      return { head, uncommitted, lastCommit, hasCommit, isReady }
    })
  }

  refuseMerge(merge: string, reason = 'the session is still working on it', next = `orch wait ${this.input.handle}`): void {
    const { handle, branch } = this.input
    this.services.merges.report(merge, { handle, branch, outcome: 'refused', code: 'still-working', reason, next })
  }
}

/** `text` is as the session would hear it. */
export type PersonAnswer = {
  readonly kind: 'answered'
  /** Of the question. */
  readonly id: string
  readonly decision?: 'approve' | 'deny'
  readonly text: string
}
