import type { Standing } from '../../domain/attempts/standing.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Landed } from '../landing/bring-home.ts'
import { land } from '../landing/land.ts'
import { mergeByHand } from '../landing/merge-by-hand.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { News } from '../news.ts'
import { type ContestSettings, retriesOf } from '../task-input.ts'
import { Words } from '../talk/words.ts'
import { attemptInput } from './attempt-input.ts'
import { type GatePassage, passGates } from '../gates/pass-gates.ts'
import { closeContest, finalFacts } from './close-contest.ts'
import { type Entrant, Entrants } from './entrants.ts'
import { noneFinished, proposal, waysOut } from './contest-words.ts'

/**
 * A task whose work several sessions try side by side. Each attempt is a task of its own that stops at Review and tells how it stands; this run
 * compares them, lands the one that is taken as the task's own work, and puts the others away. All that it knows came as news or from a step, so
 * after a crash it chooses the same.
 */
export class Contest {
  readonly #life: TaskLife
  readonly #settings: ContestSettings
  readonly #entrants: Entrants
  /** A person paused or stopped all of them. */
  #held: 'pause' | 'stop' | undefined
  /** A person asked for its merge and the queue sent it back: once mended it goes on by itself. */
  #asked: number | undefined
  #proposed: number | undefined
  #final: ContestFacts | undefined
  /** Whose branch and worktree are the task's. */
  #adopted: Entrant | undefined
  /** How often what was taken by itself came back from the queue; after that a person is asked. */
  #returns = 0
  #isLeftToPerson = false
  #staged = ''

  constructor(life: TaskLife, settings: ContestSettings) {
    this.#life = life
    this.#settings = settings
    this.#entrants = new Entrants(life)
  }

  async untilLanded(): Promise<Landed> {
    this.#staged = ''
    await this.#begin()
    for (;;) {
      const landed = (await this.#decide()) ?? (await this.#hear(await this.#life.next()))
      if (landed !== undefined) return landed
    }
  }

  /** Known before the landing is told, so that who hears of it finds it. */
  landed(commit: string): void {
    this.#final = finalFacts(this.#entrants, this.#adopted, commit)
    this.#life.note({ contest: this.#final })
  }

  /** After the landing. */
  async close(): Promise<void> {
    if (this.#final !== undefined) await closeContest(this.#life, this.#entrants, this.#adopted, this.#final)
  }

  /** The task was given up: so are its attempts. */
  async discard(reason: string): Promise<void> {
    for (const entrant of this.#entrants.those('working', 'ready', 'stuck')) await this.#entrants.tell(entrant, { kind: 'discard', reason })
  }

  /** All from one commit, so that what they changed can be compared. */
  async #begin(): Promise<void> {
    const { run, services } = this.#life
    const left = this.#settings.attempts.slice(this.#entrants.all.length)
    if (left.length === 0) return
    await this.#life.stage({ kind: 'setting-up', step: 'beginning its attempts' })
    const base = await this.#life.fixBase()
    for (const attempt of left) {
      const input = attemptInput(this.#life.input, run.id, attempt, base)
      const begun = await run.step(`begin attempt ${attempt.number}`, () => services.attempts.begin(input))
      this.#entrants.add({ number: attempt.number, input, run: begun })
    }
    const { mailbox } = this.#life
    for (let kept = mailbox.takeKept(); kept !== undefined; kept = mailbox.takeKept()) mailbox.defer({ kind: 'message', ...kept })
  }

  /** Looks at how all stand, and lands or shows what follows from it. */
  async #decide(): Promise<Landed | undefined> {
    for (;;) {
      const asked = this.#entrants.get(this.#asked)
      if (asked !== undefined && this.#entrants.standing(asked).kind === 'ready') {
        const landed = await this.#land(asked)
        if (landed !== 'again') return landed
        continue
      }
      if (this.#held !== undefined || this.#entrants.those('working').length > 0) return this.#showWork()
      const [best] = await this.#entrants.rank()
      const entrant = this.#entrants.get(best?.number)
      if (best === undefined || entrant === undefined) return this.#showFailure()
      if (!this.#takesByItself(entrant, best.score)) return this.#propose(entrant)
      const landed = await this.#land(entrant)
      if (landed !== 'again') return landed
    }
  }

  #takesByItself(entrant: Entrant, score: number): boolean {
    const standing = this.#entrants.standing(entrant)
    const { take, accept } = this.#settings
    if (this.#isLeftToPerson || this.#life.input.settings.land === 'review') return false
    if (standing.kind !== 'ready' || !standing.isValidated) return false
    return accept === undefined ? take === 'best' : score >= accept
  }

  /** Lands it as the task's own work. `again`: it did not land, and what follows is to be decided anew. */
  async #land(entrant: Entrant): Promise<Landed | 'again' | undefined> {
    const standing = this.#entrants.standing(entrant)
    if (standing.kind !== 'ready') return 'again'
    this.#adopt(entrant)
    this.#staged = ''
    this.#asked = undefined
    const passage = await passGates(this.#life, standing.commit)
    if (passage.kind !== 'clear') return this.#stopAtGate(entrant, passage)
    const landing = await land(this.#life, standing.commit)
    switch (landing.kind) {
      case 'landed':
        return landing
      case 'halted':
        // Heard next, as all that a person says.
        this.#life.mailbox.defer(landing.halt)
        return undefined
      case 'removed':
        this.#isLeftToPerson = true
        return 'again'
      case 'void': {
        const reason =
          landing.found === undefined ? `the branch ${entrant.input.branch} is gone` : 'its branch went on after it was finished'
        this.#entrants.stands(entrant, { kind: 'stuck', code: 'moved', reason })
        return 'again'
      }
      case 'sent-back':
        this.#returns += 1
        this.#isLeftToPerson ||= this.#returns > retriesOf(this.#life.input.settings)
        await this.#entrants.say(entrant, this.#life.words.sentBack(landing.breakage))
        return 'again'
    }
  }

  async #stopAtGate(entrant: Entrant, passage: Exclude<GatePassage, { kind: 'clear' }>): Promise<'again' | undefined> {
    if (passage.kind === 'denied') {
      await this.#entrants.say(entrant, passage.prompt)
      return 'again'
    }
    // Heard next, as all that a person says. Mail is its attempts' to hear.
    if (passage.kind !== 'woken') this.#life.mailbox.defer(passage)
    return undefined
  }

  async #hear(news: News | undefined): Promise<Landed | undefined> {
    switch (news?.kind) {
      case 'message':
        return this.#passOn(news)
      case 'mail':
        return this.#passMail(news)
      case 'pause':
      case 'stop':
        return this.#hold(news)
      case 'resume':
        return this.#resume(news)
      case 'merge':
        return this.#merge(news)
      default:
        return undefined // how an attempt stands was taken down when it was read
    }
  }

  /** To the one that is proposed, else to all; it brings back those that were held, as every task. */
  async #passOn(news: Extract<News, { kind: 'message' }>): Promise<undefined> {
    this.#held = undefined
    const proposed = this.#entrants.get(this.#proposed)
    const hearers = proposed === undefined ? this.#entrants.those('working', 'ready', 'stuck') : [proposed]
    for (const entrant of hearers) await this.#entrants.say(entrant, news.text, news.when)
  }

  /** As what a person says; it overrules nobody, so those that were held stay so. */
  async #passMail(news: Extract<News, { kind: 'mail' }>): Promise<undefined> {
    const proposed = this.#entrants.get(this.#proposed)
    for (const entrant of proposed === undefined ? this.#entrants.those('working', 'ready', 'stuck') : [proposed]) {
      await this.#entrants.tell(entrant, news)
      if (news.wakes && this.#entrants.standing(entrant).kind === 'ready') this.#entrants.stands(entrant, { kind: 'working' })
    }
    // Their records show it under their own names.
    const { services, input } = this.#life
    services.board.noteDelivered(input.handle, news.id, services.now())
  }

  async #hold(news: Extract<News, { kind: 'pause' | 'stop' }>): Promise<undefined> {
    this.#held = news.kind
    await this.#entrants.hold(news)
    return undefined
  }

  async #resume(news: Extract<News, { kind: 'resume' }>): Promise<undefined> {
    this.#held = undefined
    await this.#entrants.resume(news)
    return undefined
  }

  async #merge(news: Extract<News, { kind: 'merge' }>): Promise<Landed | undefined> {
    const entrant = this.#entrants.get(news.attempt ?? this.#proposed)
    const standing = entrant === undefined ? undefined : this.#entrants.standing(entrant)
    if (entrant === undefined || standing === undefined || standing.kind === 'working' || standing.kind === 'gone') {
      this.#refuse(news, entrant, standing)
      return undefined
    }
    this.#adopt(entrant)
    this.#staged = ''
    const merged = await mergeByHand(this.#life, news)
    if (merged?.kind === 'landed') return merged
    if (merged?.kind === 'sent-back') {
      this.#asked = entrant.number
      await this.#entrants.say(entrant, merged.prompt)
    }
    return undefined
  }

  #refuse(news: Extract<News, { kind: 'merge' }>, entrant: Entrant | undefined, standing: Standing | undefined): void {
    const { handle, branch } = this.#life.input
    this.#life.services.merges.report(news.merge, {
      handle,
      branch: entrant?.input.branch ?? branch,
      outcome: 'refused',
      ...waysOut(handle, news.attempt, standing),
    })
  }

  async #showWork(): Promise<undefined> {
    const [working, ready, stuck] = (['working', 'ready', 'stuck'] as const).map((kind) => this.#entrants.those(kind).length)
    await this.#propose(undefined)
    if (this.#held !== undefined && working === 0) await this.#show({ kind: 'paused', by: this.#held })
    else await this.#show({ kind: 'contest', working: working ?? 0, ready: ready ?? 0, stuck: stuck ?? 0 })
  }

  /** Nobody can win any more without a person. */
  async #showFailure(): Promise<undefined> {
    await this.#propose(undefined)
    await this.#show(noneFinished(this.#life.input.handle, this.#entrants))
  }

  async #propose(entrant: Entrant | undefined): Promise<undefined> {
    this.#proposed = entrant?.number
    if (entrant !== undefined) this.#adopt(entrant)
    this.#life.note({ contest: this.#entrants.facts(entrant === undefined ? {} : { proposed: entrant.number }) })
    if (entrant !== undefined) await this.#show({ kind: 'in-review', reason: proposal(entrant, this.#entrants) })
  }

  async #show(stage: Stage): Promise<void> {
    const text = JSON.stringify(stage)
    if (text === this.#staged) return
    this.#staged = text
    await this.#life.stage(stage)
  }

  /** From here on what is said of the task's branch and worktree is said of this one's. */
  #adopt(entrant: Entrant): void {
    const { branch, worktree } = entrant.input
    this.#adopted = entrant
    this.#life.input = { ...this.#life.input, branch, worktree }
    // What is sent back is said to its session.
    this.#life.words = new Words(entrant.input)
    this.#life.note({ branch, worktree, base: this.#life.base })
  }
}
