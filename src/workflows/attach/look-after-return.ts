import type { TaskLife } from '../life/task-life.ts'
import { remindOfQuestions } from '../talk/reminder.ts'
import { held, type TalkEnd } from '../talk/talk-end.ts'
import { checkpointAt, lookForWork } from '../talk/work.ts'

/** A person has given the conversation back: what is there to validate needs no session; else `prompt` is what it hears. */
export async function lookAfterReturn(
  life: TaskLife,
  prompt: string | undefined,
): Promise<{ readonly end: TalkEnd } | { readonly prompt: string | undefined }> {
  const { returned, declared } = life
  if (returned === undefined) return { prompt }
  life.returned = undefined
  life.declared = undefined
  if (declared?.what === 'blocked') return { end: held({ kind: 'blocked', question: declared.message }, true) }
  const words = wordsAfter(life, returned.isTouched, prompt)
  if (declared === undefined && returned.isTorn) return { prompt: words }
  const { unsettled } = life.letters
  if (declared === undefined && unsettled.length > 0) return { end: held({ kind: 'waiting', for: unsettled }, true) }
  const work = await lookForWork(life, declared)
  if (!work.isReady) return { prompt: declared === undefined ? words : life.words.doneTooEarly(work.uncommitted, work.hasCommit) }
  const reminder = await remindOfQuestions(life)
  if (reminder === undefined) return { end: checkpointAt(life, work, declared) }
  life.declared = declared
  return { prompt: reminder }
}

function wordsAfter(life: TaskLife, isTouched: boolean, prompt: string | undefined): string | undefined {
  if (!isTouched) return prompt
  const more = prompt === undefined || prompt === life.words.goOn() ? [] : [prompt]
  return [life.words.returned(), ...more].join('\n\n')
}
