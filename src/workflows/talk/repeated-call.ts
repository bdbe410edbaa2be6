import type { News } from '../news.ts'
import type { TaskLife } from '../life/task-life.ts'

/** A person has said what becomes of this very call, to a process that was ended: the word counts once. */
export async function answerRepeated(life: TaskLife, { process, request }: Extract<News, { kind: 'leave-asked' }>): Promise<void> {
  const { run, services, input } = life
  const decision = life.isCurrent(process) ? life.leaves.takeDecision(request) : undefined
  if (decision === undefined) return
  await run.step('answer again', () => services.sessions.settle(input, process, request.id, decision))
}
