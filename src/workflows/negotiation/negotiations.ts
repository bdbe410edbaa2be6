import type { Standing } from '../../domain/attempts/standing.ts'
import { HUMAN, type NewMessage, ORCH } from '../../domain/board/message.ts'
import { type Choice, choicesOf, readChoice } from '../../domain/negotiation/conflict-choice.ts'
import { type Department, type FeatureSettings, phaseOf } from '../../domain/features/department.ts'
import {
  type Act,
  beginRound,
  escalate,
  type Negotiation,
  nextAct,
  QUIET,
  seeOverlap,
  seeStanding,
  settle,
} from '../../domain/negotiation/negotiation.ts'
import {
  decidedWords,
  escalationWords,
  keeperOf,
  roundWords,
  settledWords,
  type Sides,
  triedWords,
} from '../../domain/negotiation/negotiation-words.ts'
import { decideYield, type Ruling } from '../../domain/negotiation/yielding.ts'
import type { PartsOverlap } from '../../domain/radar/parts-overlap.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { News } from '../news.ts'
import type { Services } from '../services.ts'
import { intentsOf } from './intents.ts'

/** Of the feature's life, what it takes to talk to its parts and to the person. */
export type NegotiationLife = Pick<TaskLife, 'run' | 'input' | 'ownQuestions'> & {
  readonly services: Pick<Services, 'repository' | 'board'>
}
export type NegotiationSettings = Pick<FeatureSettings, 'departments' | 'contracts' | 'negotiationRounds'>

/** Of two handles. */
export type OpenConflict = { readonly one: string; readonly other: string; readonly isWithPerson: boolean }

type Mail = Extract<News, { kind: 'mail' }>

/**
 * Settles what a feature's parts conflict in, in the feature's run: it heeds the run's news when they are read, and acts when it is told to go on. All
 * that is decided comes of news and of steps, and all that is said is on the board under keys of its own, so a replay says nothing twice.
 */
export class Negotiations {
  readonly #life: NegotiationLife
  readonly #settings: NegotiationSettings
  readonly #departments: ReadonlyMap<string, Department>
  /** By both handles. */
  readonly #pairs = new Map<string, Pair>()
  readonly #standings = new Map<string, Standing>()
  /** Escalations that wait for the person, by their ids. */
  readonly #asked = new Map<string, Asked>()
  /** What the person has answered to whatever, by what it answers. */
  readonly #answers = new Map<string, Mail>()
  #count = 0

  constructor(life: NegotiationLife, settings: NegotiationSettings) {
    this.#life = life
    this.#settings = settings
    // An integration takes in what the others have, whatever it conflicts in.
    const departments = settings.departments.filter(({ name }) => phaseOf(name) !== 'integration')
    this.#departments = new Map(departments.map((department) => [`${life.input.handle}.${department.name}`, department]))
  }

  /** What is not settled: the feature cannot land together. */
  get open(): readonly OpenConflict[] {
    return [...this.#pairs.values()]
      .filter(({ state }) => state.phase !== 'quiet')
      .map(({ one, other, state }) => ({ one, other, isWithPerson: state.phase === 'escalated' }))
  }

  /** What is read of the run's news; of other things it changes nothing. */
  heed(news: News): void {
    if (news.kind === 'overlaps') this.see(news.pairs)
    else if (news.kind === 'part') this.#stand(`${this.#life.input.handle}.${news.department}`, news.standing)
    else if (news.kind === 'mail' && news.from === HUMAN && news.inReplyTo !== undefined) this.#answers.set(news.inReplyTo, news)
  }

  /** Does what follows from all that was heard. */
  async goOn(): Promise<void> {
    for (const [id, asked] of this.#asked) {
      const answer = this.#answers.get(id)
      if (answer === undefined) continue
      this.#asked.delete(id)
      await this.#carryOut(asked, answer)
    }
    for (const pair of this.#pairs.values()) await this.#act(pair)
  }

  /** All that conflicts now, by whoever has looked. */
  see(overlaps: readonly PartsOverlap[]): void {
    const between = overlaps.filter(({ one, other }) => this.#departments.has(one.handle) && this.#departments.has(other.handle))
    const seen = new Map(between.map((overlap) => [`${overlap.one.handle} ${overlap.other.handle}`, overlap]))
    for (const [key, { one, other }] of seen) {
      if (!this.#pairs.has(key))
        this.#pairs.set(key, { one: one.handle, other: other.handle, state: this.#begin(one.handle, other.handle), told: [] })
    }
    for (const [key, pair] of this.#pairs) pair.state = seeOverlap(pair.state, seen.get(key))
  }

  #begin(...handles: readonly string[]): Negotiation {
    return handles.reduce((state, handle) => {
      const standing = this.#standings.get(handle)
      return standing === undefined ? state : seeStanding(state, handle, standing)
    }, QUIET)
  }

  #stand(handle: string, standing: Standing): void {
    this.#standings.set(handle, standing)
    for (const pair of this.#pairs.values()) {
      if (pair.one === handle || pair.other === handle) pair.state = seeStanding(pair.state, handle, standing)
    }
  }

  async #act(pair: Pair): Promise<void> {
    const act = nextAct(pair.state, this.#settings.negotiationRounds)
    // Who came to rest before it heard what it is to do will be woken by that.
    if (act !== undefined && act.kind !== 'settle' && !(await this.#haveHeard(pair))) return undefined
    switch (act?.kind) {
      case 'round':
        return this.#round(pair, act)
      case 'escalate':
        return this.#escalate(pair, act)
      case 'settle':
        return this.#settle(pair, act.ruling)
      default:
        return undefined
    }
  }

  async #haveHeard({ told }: Pair): Promise<boolean> {
    if (told.length === 0) return true
    const { run, input, services } = this.#life
    return run.step('look whether they have heard', async () => {
      const heard = await Promise.all(told.map(({ party, message }) => services.board.hasHeard(input.project, message, party)))
      return heard.every(Boolean)
    })
  }

  async #round(pair: Pair, { round, overlap }: Extract<Act, { kind: 'round' }>): Promise<void> {
    const { contracts, negotiationRounds } = this.#settings
    const ruling = decideYield(overlap, { contracts, departments: this.#departments })
    const told = await this.#tellBoth(pair, { overlap, ruling }, (sides) => roundWords(sides, round, negotiationRounds))
    pair.state = beginRound(pair.state, {
      round,
      ruling,
      told,
      tried: `round ${round}: ${triedWords(ruling, keeperOf({ overlap, ruling }))}`,
    })
  }

  async #escalate(pair: Pair, { overlap, ruling }: Extract<Act, { kind: 'escalate' }>): Promise<void> {
    const key = this.#nextKey('escalation')
    const { run, input } = this.#life
    const asked = await run.step('ask the person about a conflict', async () => {
      const sides = await this.#sides({ overlap, ruling })
      const options = choicesOf(ruling).map(({ label }) => label)
      const text = escalationWords(sides, pair.state.tried)
      return this.#post({ kind: 'escalation', from: input.handle, to: [HUMAN], text, about: aboutOf(overlap), options }, key)
    })
    this.#life.ownQuestions.add(asked)
    this.#asked.set(asked, { pair, overlap })
    pair.state = escalate(pair.state)
  }

  async #settle(pair: Pair, ruling: Ruling): Promise<void> {
    const key = this.#nextKey('settled')
    const text = settledWords(ruling, pair.state.round)
    const open = [...this.#asked].filter(([, asked]) => asked.pair === pair).map(([id]) => id)
    await this.#life.run.step('record a settled conflict', async () => {
      // A reply takes the question from the person's list.
      for (const inReplyTo of open) await this.#post({ kind: 'answer', from: ORCH, to: [], text, inReplyTo }, `${key} ${inReplyTo}`)
      return open.length > 0 ? null : this.#post({ kind: 'note', from: ORCH, to: [], text }, key)
    })
    for (const id of open) this.#asked.delete(id)
    pair.state = settle(pair.state)
    pair.told = []
  }

  async #carryOut({ pair, overlap: then }: Asked, { message, decision }: Mail): Promise<void> {
    const { ruling: before, overlap = then, round, phase } = pair.state
    if (phase !== 'escalated' || before === undefined) return
    const { project, handle } = this.#life.input
    const text = await this.#life.run.step('read the answer about a conflict', async () => {
      const messages = await this.#life.services.board.messagesOf(project, handle)
      return messages.find(({ id }) => id === message)?.text ?? ''
    })
    const choice = readChoice(text, before, decision)
    const isForBoth = choice.kind === 'words'
    const ruling = isForBoth ? before : choice.ruling
    const told = await this.#tellBoth(pair, { overlap, ruling }, (sides) => decidedWords(sides, choice), isForBoth)
    pair.state = beginRound(pair.state, { round, ruling, told, tried: `the person decided: ${labelOf(choice, ruling)}` })
  }

  /** Answers who has to do something now. One that has come to rest and has nothing to do is not woken for it. */
  async #tellBoth(
    pair: Pair,
    about: Omit<Sides, 'intents'>,
    words: (sides: Sides) => Record<'yields' | 'keeps', string>,
    isForBoth = false,
  ): Promise<readonly string[]> {
    const { yields, keeps } = about.ruling
    const key = this.#nextKey('conflict')
    const kindForKeeper = isForBoth || pair.state.rests[keeps] === undefined ? 'conflict' : 'note'
    const posted = await this.#life.run.step('tell two of their conflict', async () => {
      const texts = words(await this.#sides(about))
      const common = { from: ORCH, about: aboutOf(about.overlap) }
      const kept = await this.#post({ ...common, kind: kindForKeeper, to: [keeps], text: texts.keeps }, `${key} keeps`)
      const yielded = await this.#post({ ...common, kind: 'conflict', to: [yields], text: texts.yields }, `${key} yields`)
      return { kept, yielded }
    })
    const told = [{ party: yields, message: posted.yielded }, ...(isForBoth ? [{ party: keeps, message: posted.kept }] : [])]
    pair.told = told
    return told.map(({ party }) => party)
  }

  async #sides(about: Omit<Sides, 'intents'>): Promise<Sides> {
    const { input, services } = this.#life
    return { ...about, intents: await intentsOf([about.overlap.one, about.overlap.other], { input, services }) }
  }

  #post(message: Omit<NewMessage, 'feature'>, key: string): Promise<string> {
    const { input, services } = this.#life
    return services.board.post(input.project, { ...message, feature: input.handle }, key)
  }

  /** The same at every replay. */
  #nextKey(what: string): string {
    return `${this.#life.run.id} ${what} ${(this.#count += 1)}`
  }
}

interface Asked {
  readonly pair: Pair
  readonly overlap: PartsOverlap
}

interface Pair {
  readonly one: string
  readonly other: string
  state: Negotiation
  /** What those who have something to do were last told. */
  told: readonly { readonly party: string; readonly message: string }[]
}

function aboutOf({ files }: PartsOverlap): { paths: string[] } {
  return { paths: files.map(({ path }) => path) }
}

function labelOf(choice: Choice, ruling: Ruling): string {
  if (choice.kind === 'words') return `in their own words`
  return choicesOf(ruling).find((offered) => offered.choice.kind === choice.kind)?.label ?? choice.kind
}
