import { invariant } from '../../foundation/invariant.ts'
import { HUMAN, type NewMessage } from '../../domain/board/message.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Interruption } from '../life/mailbox.ts'
import type { PersonAnswer, TaskLife } from '../life/task-life.ts'

/** What the task asks its person. The same key is the same question: asked once, and its answer counts whenever it came. */
export type PersonQuestion = {
  /** Unique among the questions of this run; nothing of a clock in it. */
  readonly key: string
  readonly message: Pick<NewMessage, 'text' | 'about' | 'options' | 'gate' | 'feature'>
  /** What people see until the answer is there. */
  readonly stage: (id: string) => Stage
}

/** Asks by an escalation on the board and waits without a seat. An interruption comes first; ask again with the same key after it. */
export async function askPerson(life: TaskLife, { key, message, stage }: PersonQuestion): Promise<PersonAnswer | Interruption> {
  const id = await postQuestion(life, key, message)
  const halt = await untilAnswered(life, [id], () => stage(id))
  return halt ?? answerTo(life, id)
}

/** Its id on the board. */
export async function postQuestion(life: TaskLife, key: string, message: PersonQuestion['message']): Promise<string> {
  const { run, input, services } = life
  const question: NewMessage = { ...message, kind: 'escalation', from: input.handle, to: [HUMAN] }
  const id = await run.step('ask the person', () => services.board.post(input.project, question, `${run.id} ${key}`))
  life.ownQuestions.add(id)
  return id
}

/**
 * Until each of these has its answer, or one was denied; `stage` is given those that are open. Its session is ended when that takes longer than
 * `park-after`. What comes meanwhile and is not for this wait is kept for later.
 */
export async function untilAnswered(
  life: TaskLife,
  ids: readonly string[],
  stage: (open: readonly string[]) => Stage,
): Promise<Interruption | undefined> {
  let patienceMs = life.input.settings.parkAfterMs
  for (let shown = -1; ;) {
    const open = ids.filter((id) => !life.answers.has(id))
    if (open.length === 0 || ids.some((id) => life.answers.get(id)?.decision === 'deny')) return undefined
    if (open.length !== shown) await life.stage(stage(open))
    shown = open.length
    const halt = life.mailbox.takeHalt()
    if (halt !== undefined) return halt
    if (life.hasSession && life.letters.wakes) return { kind: 'woken' }
    const news = await life.mailbox.receive(patienceMs)
    if (news === undefined) {
      await life.stopSession()
      patienceMs = undefined
    } else if (news.kind === 'merge') life.refuseMerge(news.merge, 'it waits for your decision', 'orch inbox')
    else if (!life.isOfOwnQuestion(news)) life.mailbox.defer(news)
  }
}

function answerTo(life: TaskLife, id: string): PersonAnswer {
  const answer = life.answers.get(id)
  invariant(answer !== undefined, 'the wait for an answer ends with it')
  return answer
}
