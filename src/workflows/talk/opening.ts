import type { TaskLife } from '../life/task-life.ts'
import { decisionsInForce } from './decisions.ts'

type Opened = Awaited<ReturnType<TaskLife['ensureSession']>>

/** What a talk begins with. Undefined where there is enough to say without it. */
export async function openingWords(
  life: TaskLife,
  prompt: string | undefined,
  { interrupted, unread }: Opened,
): Promise<string | undefined> {
  const isTorn = interrupted !== undefined && !(interrupted === '' && life.isParked)
  life.isParked = false
  const isSilent = prompt === undefined && life.letters.isEmpty && unread.length === 0
  const words = isSilent ? life.words.goOn() : prompt
  const decisions = life.isNewConversation ? await decisionsInForce(life) : undefined
  const parts = [isTorn ? life.words.resumed(interrupted) : undefined, words, decisions].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join('\n\n')
}
