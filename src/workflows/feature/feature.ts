import type { Department, FeatureSettings, Phase } from '../../domain/features/department.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Landed } from '../landing/bring-home.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { News } from '../news.ts'
import { type PartSettings, retriesOf } from '../task-input.ts'
import { notReady, readyWords, workStage } from './feature-words.ts'
import { landFeature, type FeatureLanding } from './land-feature.ts'
import { Fitting } from './fitting.ts'
import { Negotiations } from '../negotiation/negotiations.ts'
import { partInput } from './part-input.ts'
import { type Part, Parts } from './parts.ts'

/**
 * A task whose work departments do. Each has a task of its own that stops when it is ready and tells how it stands; this run begins them phase by
 * phase, and lands all of them together or none. All that it knows came as news or from a step, so after a crash it goes on the same way.
 */
export class Feature {
  readonly #life: TaskLife
  readonly #settings: FeatureSettings
  readonly #parts: Parts
  /** A person paused or stopped all of them. */
  #held: 'pause' | 'stop' | undefined
  /** A person asked for its merge and the queue sent it back: once mended it goes on by itself. */
  #isAsked = false
  /** How often its work came back; after that a person is asked. */
  #returns = 0
  /** Why it waits for a person although it would land by itself. */
  #leftToPerson: string | undefined
  readonly #fitting: Fitting
  readonly #negotiations: Negotiations
  #staged = ''
  /** The commits whose merge people see. */
  #shown = ''

  constructor(life: TaskLife, settings: FeatureSettings) {
    this.#life = life
    this.#settings = settings
    this.#parts = new Parts(life, settings)
    this.#negotiations = new Negotiations(life, settings)
    this.#fitting = new Fitting(life, this.#parts, this.#negotiations)
    life.hearers.push((news) => this.#negotiations.heed(news))
  }

  async untilLanded(): Promise<Landed> {
    this.#staged = ''
    for (;;) {
      const landed = (await this.#goOn()) ?? (await this.#hear(await this.#life.next()))
      if (landed !== undefined) return landed
    }
  }

  /** Known before the landing is told, so that who hears of it finds it. */
  landed(commit: string): void {
    this.#life.note({ feature: this.#parts.facts(commit) })
  }

  /** After the landing: the parts have landed with it. */
  async close(commit: string): Promise<void> {
    for (const part of this.#parts.those('working', 'ready', 'stuck')) await this.#parts.tell(part, { kind: 'landed-with', commit })
  }

  /** The feature was given up: so are its parts. */
  async discard(reason: string): Promise<void> {
    for (const part of this.#parts.those('working', 'ready', 'stuck')) await this.#parts.tell(part, { kind: 'discard', reason })
  }

  /** Begins and lands what can be; else shows what it waits for. */
  async #goOn(): Promise<Landed | undefined> {
    for (;;) {
      if (this.#held !== undefined) return this.#showWork()
      // What an integration takes in it also settles.
      if (this.#parts.integration === undefined) await this.#negotiations.goOn()
      const next = await this.#advance()
      if (next === 'again') continue
      if (next === 'wait') return this.#showWork()
      if (!this.#landsByItself()) return this.#propose()
      const landed = await this.#land({})
      if (landed !== 'again') return landed
    }
  }

  async #advance(): Promise<'again' | 'wait' | 'ready'> {
    for (const phase of ['foundation', 'departments'] as const) {
      const left = this.#parts.left(phase)
      if (left.length > 0) return this.#begin(phase, left)
      if (!this.#parts.areReady(phase)) return 'wait'
    }
    if (this.#parts.heads('foundation', 'departments').length === 0) return 'wait'
    if (this.#parts.integration === undefined && this.#negotiations.open.length > 0 && !(await this.#fitting.fits())) return 'wait'
    const [integrator] = this.#parts.left('integration')
    if (integrator !== undefined) return this.#beginIntegration(integrator)
    return this.#fitting.look(this.#parts.integration)
  }

  /** All from one commit: the foundation's, where there is one. */
  async #begin(phase: Phase, departments: readonly Department[]): Promise<'again'> {
    const base = this.#parts.heads('foundation')[0]?.commit ?? (await this.#base())
    for (const department of departments) await this.#beginPart(department, { base })
    if (phase === 'departments') await this.#passOnKept()
    return 'again'
  }

  async #base(): Promise<string> {
    if (!this.#life.hasBase) await this.#show({ kind: 'setting-up', step: 'beginning its departments' })
    return this.#life.fixBase()
  }

  async #beginIntegration(department: Department): Promise<'again'> {
    const { commit, merged, unmerged } = await this.#fitting.merge()
    await this.#beginPart(department, { base: commit, merges: { merged, unmerged } })
    return 'again'
  }

  async #beginPart(department: Department, from: { readonly base: string; readonly merges?: PartSettings['merges'] }): Promise<void> {
    const { run, services } = this.#life
    const input = partInput(this.#life.input, this.#settings, run.id, { department, ...from })
    const begun = await run.step(`begin ${department.name}`, () => services.attempts.begin(input))
    const phase = input.part?.phase ?? 'departments'
    const part = { name: department.name, phase, input, run: begun }
    this.#parts.add(part)
    if (phase === 'integration') this.#adopt(part)
  }

  /** What was said before there was anybody to hear it. */
  async #passOnKept(): Promise<void> {
    const { mailbox } = this.#life
    for (let kept = mailbox.takeKept(); kept !== undefined; kept = mailbox.takeKept()) mailbox.defer({ kind: 'message', ...kept })
  }

  #landsByItself(): boolean {
    if (this.#isAsked) return true
    if (this.#leftToPerson !== undefined || this.#life.input.settings.land === 'review') return false
    const parts = this.#parts.integration === undefined ? this.#parts.those('ready') : this.#parts.of('integration')
    return parts.every((part) => {
      const standing = this.#parts.standing(part)
      return standing.kind === 'ready' && standing.isValidated
    })
  }

  /** `again`: it did not land, and what follows is to be decided anew. */
  async #land(asked: { readonly merge?: string; readonly validate?: string }): Promise<Landed | 'again' | undefined> {
    this.#staged = ''
    const landing = await landFeature(this.#life, this.#parts, this.#parts.integration, asked)
    switch (landing.kind) {
      case 'landed':
        return landing
      case 'halted':
        // Heard next, as all that a person says.
        this.#life.mailbox.defer(landing.halt)
        return undefined
      case 'removed':
        this.#isAsked = false
        this.#leftToPerson = 'taken out of the queue by you'
        return 'again'
      case 'stale':
        return 'again'
      case 'sent-back':
        return this.#sendBack(landing, asked.merge !== undefined)
    }
  }

  /** Who is to blame mends it, and all wait. */
  async #sendBack({ guilty }: Extract<FeatureLanding, { kind: 'sent-back' }>, isAsked: boolean): Promise<'again'> {
    this.#returns += 1
    this.#isAsked ||= isAsked
    if (this.#returns > retriesOf(this.#life.input.settings)) {
      this.#isAsked = false
      this.#leftToPerson = 'sent back by the queue again and again'
    }
    for (const { part, prompt } of guilty) await this.#parts.say(part, prompt)
    return 'again'
  }

  async #hear(news: News | undefined): Promise<Landed | undefined> {
    switch (news?.kind) {
      case 'message':
        return this.#passOn(news)
      case 'pause':
      case 'stop':
        return this.#hold(news)
      case 'resume':
        return this.#resume(news)
      case 'merge':
        return this.#merge(news)
      default:
        return undefined // how a part stands was taken down when it was read
    }
  }

  /** To all of them; it brings back those that were held, as every task. One that is ready goes on with it too. */
  async #passOn(news: Extract<News, { kind: 'message' }>): Promise<undefined> {
    this.#held = undefined
    for (const part of this.#parts.those('working', 'ready', 'stuck')) await this.#parts.say(part, news.text, news.when)
  }

  async #hold(news: Extract<News, { kind: 'pause' | 'stop' }>): Promise<undefined> {
    this.#held = news.kind
    await this.#parts.hold(news)
    return undefined
  }

  async #resume(news: Extract<News, { kind: 'resume' }>): Promise<undefined> {
    this.#held = undefined
    await this.#parts.resume(news)
    return undefined
  }

  async #merge(news: Extract<News, { kind: 'merge' }>): Promise<Landed | undefined> {
    const { merge, validate } = news
    if (this.#held !== undefined || (await this.#advance()) !== 'ready') {
      const { handle, branch } = this.#life.input
      const refusal = notReady(handle, this.#parts.facts(), this.#negotiations.open)
      this.#life.services.merges.report(merge, { handle, branch, outcome: 'refused', ...refusal })
      return undefined
    }
    const landed = await this.#land({ merge, ...(validate !== undefined && { validate }) })
    return landed === 'again' ? undefined : landed
  }

  async #showWork(): Promise<undefined> {
    const facts = this.#parts.facts()
    this.#life.note({ feature: facts })
    const isHeld = this.#held !== undefined && this.#parts.those('working').length === 0
    await this.#show(isHeld && this.#held !== undefined ? { kind: 'paused', by: this.#held } : workStage(facts))
  }

  async #propose(): Promise<undefined> {
    const facts = this.#parts.facts()
    this.#life.note({ feature: facts })
    if (this.#parts.integration === undefined) await this.#showMerged()
    await this.#show({ kind: 'in-review', reason: readyWords(facts, this.#leftToPerson) })
  }

  /** What would land, for people to look at: there is no branch that holds all of it. */
  async #showMerged(): Promise<void> {
    const heads = JSON.stringify(this.#parts.heads('foundation', 'departments'))
    if (heads === this.#shown) return
    this.#shown = heads
    const { commit, at, merged } = await this.#fitting.merge()
    const subject = `${merged.map(({ department }) => department).join(', ')} merged`
    this.#life.note({ base: this.#life.base, lastCommit: { sha: commit, subject, at } })
  }

  async #show(stage: Stage): Promise<void> {
    const text = JSON.stringify(stage)
    if (text === this.#staged) return
    this.#staged = text
    await this.#life.stage(stage)
  }

  /** From here on what is said of the feature's branch and worktree is said of the integration's. */
  #adopt({ input: { branch, worktree } }: Part): void {
    this.#life.input = { ...this.#life.input, branch, worktree }
    this.#life.note({ branch, worktree, base: this.#life.base })
  }
}
