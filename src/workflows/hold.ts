import type { Stage } from '../domain/tasks/stage.ts'
import { mergeByHand } from './landing/merge-by-hand.ts'
import type { Halt, Message } from './life/mailbox.ts'
import type { TaskLife } from './life/task-life.ts'

/** What ended a wait for a person: go on (with their words, if they said some), or their merge has landed the task. */
export type Answer = { readonly kind: 'go-on'; readonly message?: Message } | { readonly kind: 'landed'; readonly commit: string }

/** Waits for a person, holding no seat. A merge that does not land is reported to them and the wait goes on. */
export async function hold(life: TaskLife, stage: Stage): Promise<Answer> {
  let current = stage
  await life.stage(current)
  for (;;) {
    const news = await life.next()
    switch (news?.kind) {
      case 'message':
        return { kind: 'go-on', message: { id: news.id, text: news.text, when: news.when } }
      case 'resume':
        return { kind: 'go-on' }
      case 'stop':
        await life.stopSession()
        current = { kind: 'paused', by: 'stop' }
        await life.stage(current)
        break
      case 'declared':
        if (stage.kind === 'manual' && news.what === 'done') {
          current = { kind: 'in-review', reason: 'declared done' }
          await life.stage(current)
        } else if (news.what === 'done') life.declared = news // counts when the session has ended its next turn
        break
      case 'merge': {
        const merged = await mergeByHand(life, news)
        if (merged?.kind === 'landed') return merged
        if (merged?.kind === 'sent-back')
          return { kind: 'go-on', message: { id: life.newMessageId(), text: merged.prompt, when: 'next-turn' } }
        await life.stage(current)
        break
      }
      default:
        break // a session's own news: nobody talks with it now
    }
  }
}

/** A person spoke while orch validated or waited to land: their word first. */
export async function heed(life: TaskLife, halt: Halt): Promise<Answer> {
  if (halt.kind === 'message') return { kind: 'go-on', message: { id: halt.id, text: halt.text, when: halt.when } }
  if (halt.kind === 'stop') await life.stopSession()
  return hold(life, { kind: 'paused', by: halt.kind })
}
