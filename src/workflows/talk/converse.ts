import { assertNever } from '../../foundation/invariant.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { TurnOutcome } from '../../domain/sessions/session-event.ts'
import { afterModelFailure, MAX_TROUBLES } from './model-trouble.ts'
import type { Message } from '../life/mailbox.ts'
import type { News } from '../news.ts'
import { answerRepeated } from './repeated-call.ts'
import { remindOfQuestions } from './reminder.ts'
import { openingWords } from './opening.ts'
import { overBudget } from './over-budget.ts'
import { held, unfinished, type TalkEnd } from './talk-end.ts'
import { checkpointAt, lookForWork } from './work.ts'
import { HandOver } from '../attach/hand-over.ts'
import { lookAfterReturn } from '../attach/look-after-return.ts'
import type { TaskLife } from '../life/task-life.ts'

const UNKNOWN_RESET_MS = 15 * 60_000

/**
 * One talk with a live session: from a prompt until the session has something to validate or cannot go on. Without a prompt it hears only what
 * others have written; `back`: the stage that this brought it out of.
 */
export async function converse(life: TaskLife, prompt: string | undefined, back?: Stage): Promise<TalkEnd> {
  const found = await lookAfterReturn(life, prompt)
  if ('end' in found) return found.end
  const talk = new Talk(life, back)
  const handOver = new HandOver(life)
  let end = await talk.begin(found.prompt)
  while (end === undefined) {
    const news = await life.next(talk.patienceMs)
    end = (await handOver.hear(news, talk)) ?? (await talk.hear(news))
  }
  handOver.passOn()
  return end
}

class Talk {
  readonly #life: TaskLife
  /** What this talk said to the current process: a turn that ended before it heard all of this is not the answer to it. */
  #said: string[] = []
  #troubles = 0
  #silences = 0
  #isIdle = false
  #isNudged = false
  #hasUncommitted = false

  /** Where the task returns to, should nothing come of what it was woken for. */
  #back: Stage | undefined

  constructor(life: TaskLife, back: Stage | undefined) {
    this.#life = life
    this.#back = back
  }

  get isIdle(): boolean {
    return this.#isIdle
  }

  hasHeardAll(heard: readonly string[]): boolean {
    return this.#said.every((id) => heard.includes(id))
  }

  /** How long it is left alone: idle without a word, or waiting for a person's leave. */
  get patienceMs(): number | undefined {
    const { openLeaves, input } = this.#life
    if (this.#isIdle) return input.settings.nudgeAfterMs
    return openLeaves.length > 0 ? input.settings.parkAfterMs : undefined
  }

  async begin(prompt: string | undefined): Promise<TalkEnd | undefined> {
    const wait = await this.#life.modelHold(prompt)
    if (wait !== undefined) return wait
    const opened = await this.#life.ensureSession()
    await this.#life.stage({ kind: 'in-session' })
    const words = await openingWords(this.#life, prompt, opened)
    if (words !== undefined) await this.#say(words)
    await this.#sayAll(opened.unread)
    const { mailbox } = this.#life
    for (let kept = mailbox.takeKept(); kept !== undefined; kept = mailbox.takeKept()) await this.#sayAll([kept])
    await this.#sayLetters()
    return undefined
  }

  async hear(news: News | undefined): Promise<TalkEnd | undefined> {
    if (news === undefined) return this.#isIdle ? this.#nudge() : this.#park()
    switch (news.kind) {
      case 'mail':
        return this.#hearMail()
      case 'asked':
        // A person may ask there by hand while the session is idle.
        return this.#isIdle ? this.#awaitAnswers() : undefined
      case 'leave-asked':
        await answerRepeated(this.#life, news)
        return undefined
      case 'message':
        this.#back = undefined
        return this.#isIdle ? this.#startTurn(news.text, news.when, news.id) : this.#say(news.text, news.when, news.id)
      case 'pause':
        await this.#life.interrupt()
        return held({ kind: 'paused', by: 'pause' }, true)
      case 'stop':
        return held({ kind: 'paused', by: 'stop' }, false)
      case 'declared':
        this.#life.declared = news
        // A session that declares between turns (a person ran `orch done` there) has no turn end to wait for.
        return this.#isIdle ? this.#turnCompleted() : undefined
      case 'exited':
        return this.#life.isCurrent(news.process) ? this.#exited() : undefined
      case 'stalled':
        return this.#life.isCurrent(news.process) ? this.#unstick() : undefined
      case 'over-budget':
        return this.#life.isCurrent(news.process) ? overBudget(this.#life, news.costUsd) : undefined
      case 'turn-ended':
        return this.#life.isCurrent(news.process) ? this.#turnEnded(news) : undefined
      case 'merge':
        this.#life.refuseMerge(news.merge)
        return undefined
      case 'leave-answered':
      case 'leave-decided':
      case 'part':
      case 'landed-with':
      case 'overlaps':
      case 'need-ended':
      case 'seat':
      case 'resume':
      case 'landing-moved':
      case 'attempt':
      case 'settled':
      case 'queue-stopped':
      case 'queue-goes-on':
      case 'unqueue':
      case 'reprioritise':
      case 'discard':
      case 'attach':
        return undefined
      default:
        return assertNever(news)
    }
  }

  async #turnEnded({ outcome, heard }: { outcome: TurnOutcome; heard: readonly string[] }): Promise<TalkEnd | undefined> {
    switch (outcome.kind) {
      case 'completed':
        if (!this.hasHeardAll(heard)) return undefined
        this.#life.failedTurns = 0
        return this.#turnCompleted()
      case 'interrupted':
        // Our own interruptions never come here: somebody else ended the turn, and the session waits.
        return this.#turnCompleted()
      case 'usage-limit': {
        const fallback = await this.#life.run.step('when the limit may be gone', () => this.#life.services.now() + UNKNOWN_RESET_MS)
        return { kind: 'limited', until: outcome.resetsAt ?? fallback, reason: 'usage limit reached', prompt: this.#life.words.goOn() }
      }
      case 'budget-exhausted':
        return overBudget(this.#life, undefined)
      case 'too-many-turns':
        return unfinished('the session used up its turns')
      case 'model-failed':
        return (await afterModelFailure(this.#life, outcome.cause, outcome.message)) ?? this.#startTurn(this.#life.words.goOn())
      case 'suspect':
        return this.#tryOn(`the record of the turn is incomplete: ${outcome.message}`)
      default:
        return assertNever(outcome)
    }
  }

  async #turnCompleted(): Promise<TalkEnd | undefined> {
    const { declared } = this.#life
    this.#life.declared = undefined
    this.#life.leaves.forgetDecisions()
    if (declared?.what === 'blocked') return held({ kind: 'blocked', question: declared.message }, true)
    const waits = declared === undefined ? this.#awaitAnswers() : undefined
    if (waits !== undefined) return waits
    if (declared === undefined && this.#back?.kind === 'blocked') return held(this.#back, true)
    const found = await lookForWork(this.#life, declared)
    if (found.isReady || declared !== undefined) {
      const reminder = await remindOfQuestions(this.#life)
      if (reminder !== undefined) {
        this.#life.declared = declared
        return this.#startTurn(reminder)
      }
    }
    if (found.isReady) return checkpointAt(this.#life, found, declared)
    if (declared !== undefined)
      return this.#tryOn('declared done with work that is not committed', this.#life.words.doneTooEarly(found.uncommitted, found.hasCommit))
    if (this.#back?.kind === 'unfinished') return held(this.#back, true)
    if (this.#isNudged) {
      const left = found.uncommitted.length > 0 ? ' with uncommitted work and' : ''
      return unfinished(`the session ended its turn${left} without \`orch done\`, also after a reminder`)
    }
    this.#isIdle = true
    this.#hasUncommitted = found.uncommitted.length > 0
    await this.#life.stage({ kind: 'idle' })
    return undefined
  }

  #awaitAnswers(): TalkEnd | undefined {
    const { unsettled } = this.#life.letters
    return unsettled.length === 0 ? undefined : held({ kind: 'waiting', for: unsettled }, true)
  }

  /** Nobody has said yet whether it may: its process goes, and is resumed with the word. */
  #park(): TalkEnd {
    const { letters, openLeaves } = this.#life
    return held({ kind: 'waiting', for: letters.unsettled, asks: openLeaves }, true)
  }

  async #hearMail(): Promise<TalkEnd | undefined> {
    if (this.#life.letters.isEmpty) return undefined
    const wait = this.#isIdle ? await this.#beginTurn(undefined) : undefined
    return wait ?? this.#sayLetters()
  }

  /** Each once, as a message of its own: its receipt is the agent's own. */
  async #sayLetters(): Promise<undefined> {
    const { letters } = this.#life
    for (let letter = letters.take(); letter !== undefined; letter = letters.take()) await this.#say(letter.text, 'steer', letter.id)
  }

  #nudge(): Promise<TalkEnd | undefined> {
    this.#isNudged = true
    return this.#startTurn(this.#life.words.nudge(this.#hasUncommitted))
  }

  /** The session starts over with these words; as often as a session may have trouble. */
  async #tryOn(trouble: string, words = this.#life.words.goOn()): Promise<TalkEnd | undefined> {
    this.#troubles += 1
    return this.#troubles > MAX_TROUBLES ? unfinished(trouble) : this.#startTurn(words)
  }

  async #startTurn(text: string, when: 'steer' | 'next-turn' = 'next-turn', id?: string): Promise<TalkEnd | undefined> {
    return (await this.#beginTurn(text)) ?? this.#say(text, when, id)
  }

  /** No turn begins while the fleet is held. */
  async #beginTurn(text: string | undefined): Promise<TalkEnd | undefined> {
    const wait = await this.#life.modelHold(text)
    if (wait !== undefined) return wait
    if (this.#isIdle) await this.#life.stage({ kind: 'in-session' })
    this.#isIdle = false
    return undefined
  }

  async #say(text: string, when: 'steer' | 'next-turn' = 'next-turn', id?: string): Promise<undefined> {
    this.#said.push(await this.#life.say(text, when, id))
  }

  async #sayAll(messages: readonly Message[]): Promise<void> {
    for (const message of messages) await this.#say(message.text, message.when, message.id)
  }

  /** A process that ends after its turn has not been torn from anything: it is a program that does one turn. */
  async #exited(): Promise<TalkEnd | undefined> {
    if (!this.#isIdle || this.#isNudged) return this.#resume()
    this.#said = []
    await this.#sayAll((await this.#life.ensureSession()).unread)
    return this.#nudge()
  }

  async #resume(): Promise<TalkEnd | undefined> {
    this.#troubles += 1
    if (this.#troubles > MAX_TROUBLES) {
      const next = `orch logs ${this.#life.input.handle}, then orch resume ${this.#life.input.handle}`
      return held(
        { kind: 'failed', code: 'agent-keeps-dying', reason: `the agent process ended ${this.#troubles} times`, next, source: 'process' },
        false,
      )
    }
    const wait = await this.#life.modelHold(this.#life.words.goOn())
    if (wait !== undefined) return wait
    if (this.#isIdle) await this.#life.stage({ kind: 'in-session' })
    this.#isIdle = false
    this.#said = []
    const opened = await this.#life.ensureSession()
    if (opened.isResumed || opened.unread.length === 0) await this.#say(this.#life.words.resumed(opened.interrupted))
    await this.#sayAll(opened.unread)
    return undefined
  }

  /** A word may bring it back; if it stays silent its process is replaced; after that a person is asked. */
  async #unstick(): Promise<TalkEnd | undefined> {
    this.#silences += 1
    if (this.#silences > 2) return unfinished(`no sign of life from the session, ${this.#silences} times`)
    if (this.#silences === 1) {
      await this.#life.interrupt()
      return this.#tryOn('no sign of life from the session')
    }
    await this.#life.stopSession()
    return this.#resume()
  }
}
