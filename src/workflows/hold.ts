import { HUMAN } from '../domain/board/message.ts'
import { parkedAsks, type Stage } from '../domain/tasks/stage.ts'
import { lend } from './attach/lend.ts'
import type { AttachRequest } from './news.ts'
import { mergeByHand } from './landing/merge-by-hand.ts'
import type { Interruption, Message } from './life/mailbox.ts'
import type { TaskLife } from './life/task-life.ts'

/** What ended a wait for a person: go on, or their merge has landed the task. */
export type Answer =
  | {
      readonly kind: 'go-on'
      /** What is to be said to the session. */
      readonly message?: Message
      /** Mail ended it, and says itself what there is to say. */
      readonly isMail?: true
      /** Where the task returns to, should nothing come of it: what others write settles nothing that waits for the person. */
      readonly back?: Stage
    }
  | { readonly kind: 'landed'; readonly commit: string }

type GoOn = Extract<Answer, { kind: 'go-on' }>

/** Waits for a person or for an answer, holding no seat. A merge that does not land is reported to them and the wait goes on. */
export async function hold(life: TaskLife, stage: Stage): Promise<Answer> {
  let current = stage
  const show = async (next: Stage): Promise<void> => life.stage((current = next))
  await show(stage)
  // People see what was asked before its process goes.
  if (parkedAsks(stage).length > 0) await life.parkSession()
  for (let patienceMs = patienceIn(life, stage); ;) {
    const news = await life.next(patienceMs)
    switch (news?.kind) {
      case undefined:
        await life.parkSession()
        patienceMs = undefined
        break
      case 'message':
        return { kind: 'go-on', message: { id: news.id, text: news.text, when: news.when } }
      case 'resume':
        return { kind: 'go-on' }
      case 'stop':
        await life.stopSession()
        await show({ kind: 'paused', by: 'stop' })
        break
      case 'pause':
        if (current.kind === 'waiting') await show({ kind: 'paused', by: 'pause' })
        break
      case 'mail':
        if (news.wakes && isWakeable(life, current) && life.letters.holds(news.message))
          return { kind: 'go-on', isMail: true, ...(news.from !== HUMAN && { back: current }) }
        break
      case 'asked':
        if (current.kind === 'waiting') await show({ ...current, for: life.letters.unsettled })
        break
      case 'leave-decided':
      case 'leave-answered': {
        if (current.kind !== 'waiting' || parkedAsks(current).length === 0) break
        const open = parkedAsks(current).filter(({ id }) => life.leaves.isOpen(id))
        if (open.length === 0) return afterLeave(life)
        if (open.length < parkedAsks(current).length) await show({ ...current, asks: open })
        break
      }
      case 'declared':
        if (stage.kind === 'manual' && news.what === 'done') await show({ kind: 'in-review', reason: 'declared done' })
        else if (news.what === 'done') life.declared = news // counts when the session has ended its next turn
        break
      case 'attach': {
        const back = await afterLending(life, news, current)
        if ('answer' in back) return back.answer
        await show(back.stage)
        break
      }
      case 'merge': {
        const merged = await mergeByHand(life, news)
        if (merged?.kind === 'landed') return merged
        if (merged?.kind === 'sent-back')
          return { kind: 'go-on', message: { id: life.newMessageId(), text: merged.prompt, when: 'next-turn' } }
        await show(current)
        break
      }
      default:
        break // a session's own news: nobody talks with it now
    }
  }
}

/** Where nothing was said in the terminal, it waits as it did. */
async function afterLending(life: TaskLife, request: AttachRequest, stage: Stage): Promise<{ answer: Answer } | { stage: Stage }> {
  if (life.input.kind === 'manual') return { stage }
  const returned = await lend(life, request, parkedAsks(stage))
  if (returned === 'pause' || returned === 'stop') return { stage: { kind: 'paused', by: returned } }
  if (returned === 'untouched') return { stage }
  return { answer: life.leaves.decided.length > 0 ? afterLeave(life) : { kind: 'go-on' } }
}

/** What the session is to hear then; undefined: only what others have written. */
export function wordsOf(life: TaskLife, { message, isMail }: GoOn): string | undefined {
  return isMail ? undefined : (message?.text ?? life.words.goOn())
}

/** How long the process is kept that waits for a word; undefined where it is ended already, or a person holds it as it is. */
function patienceIn({ input }: TaskLife, stage: Stage): number | undefined {
  const isKept = stage.kind === 'blocked' || stage.kind === 'unfinished' || (stage.kind === 'waiting' && parkedAsks(stage).length === 0)
  return isKept ? input.settings.parkAfterMs : undefined
}

/** Mail does not overrule a person, and nothing is said to a session while what it asks them is open. */
function isWakeable({ input }: TaskLife, stage: Stage): boolean {
  if (input.kind === 'manual') return false
  const { kind } = stage
  return kind === 'blocked' || kind === 'unfinished' || kind === 'in-review' || (kind === 'waiting' && parkedAsks(stage).length === 0)
}

function afterLeave(life: TaskLife): GoOn {
  const { decided } = life.leaves
  const text = decided.length === 0 ? life.words.goOn() : life.words.leaveDecided(decided)
  return { kind: 'go-on', message: { id: life.newMessageId(), text, when: 'next-turn' } }
}

/** A person spoke while orch validated or waited to land, or mail wants the session: their word first. */
export async function heed(life: TaskLife, halt: Interruption): Promise<Answer> {
  if (halt.kind === 'woken') return { kind: 'go-on', isMail: true }
  if (halt.kind === 'message') return { kind: 'go-on', message: { id: halt.id, text: halt.text, when: halt.when } }
  if (halt.kind === 'stop') await life.stopSession()
  return hold(life, { kind: 'paused', by: halt.kind })
}
