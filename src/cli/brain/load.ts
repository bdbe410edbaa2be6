import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { chooseLearnings, toldLine } from '../../domain/brain/relevance.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { taskInputOf } from '../tasks/task-input-of.ts'
import { addLearnings, ensureRealFolders, loadBrain, loadLearned } from './project-brain.ts'

export async function load(context: Context, invocation: Invocation): Promise<number> {
  const task = requireTask(context, invocation.words[0])
  rememberTask(context, task.handle)
  const { worktree } = task
  if (worktree === undefined)
    throw new Failure('no-worktree', `${task.handle} has no worktree yet.`, { next: 'its worktree will have it when it is made' })
  const isDryRun = flag(invocation, 'dryRun')
  const [kept, own] = await Promise.all([loadBrain(context.home, task.project), loadLearned(task.repository)])
  const chosen = chooseLearnings([...new Map([...own, ...kept].map((each) => [each.name, each])).values()], subjectOf(context, task))
  if (!isDryRun && chosen.length > 0) await addLearnings(await ensureRealFolders(worktree, ['.orch', 'brain']), chosen)
  if (flag(invocation, 'json')) {
    const learnings = chosen.map(({ name, learning }) => ({ name, ...learning, at: new Date(learning.at).toISOString() }))
    context.output.json({ schema: 1, handle: task.handle, learnings, isDryRun })
  } else if (chosen.length === 0) context.output.note('nothing was learned yet')
  else for (const each of chosen) context.output.answer(plainLine(toldLine(each, '.orch/brain/'), 1000))
  return EXIT.done
}

/** What the task is about, as it was started: the status has only the title. */
function subjectOf({ home }: Context, { handle, title }: TaskStatus): Parameters<typeof chooseLearnings>[1] {
  return taskInputOf(home, handle)?.task ?? { title, body: '', owns: [] }
}
