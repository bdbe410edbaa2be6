import { basename, dirname } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import { brainFolder, projectFolder, homeAt } from '../../config/home.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import type { NamedLearning } from '../../domain/brain/learning.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { addLearnings, learningLine, loadBrain, loadLearned } from './project-brain.ts'

export async function save(context: Context, invocation: Invocation): Promise<number> {
  const task = requireTask(context, invocation.words[0])
  rememberTask(context, task.handle)
  const isDryRun = flag(invocation, 'dryRun')
  const learned = await learnedBy(context, task)
  const known = new Set((await loadBrain(context.home, task.project)).map(({ name }) => name))
  const added = isDryRun ? learned.filter(({ name }) => !known.has(name)).map(({ name }) => name) : await keep(context, task, learned)
  if (flag(invocation, 'json'))
    context.output.json({ schema: 1, handle: task.handle, added, known: learned.length - added.length, isDryRun })
  else {
    for (const { learning } of learned.filter(({ name }) => added.includes(name)))
      context.output.answer(`${isDryRun ? 'would save' : 'saved'} ${learningLine(learning)}`)
    if (added.length === 0)
      context.output.answer(
        learned.length === 0 ? `${plainLine(task.handle)} has nothing in .planning/brain/` : `nothing new: ${learned.length} known`,
      )
  }
  return EXIT.done
}

async function keep(context: Context, { project }: TaskStatus, learned: readonly NamedLearning[]): Promise<readonly string[]> {
  const folder = brainFolder({ root: context.home }, project)
  await ensurePrivateDirectory(folder)
  return addLearnings(folder, learned)
}

/** Of its worktree; of its archive once that is gone. */
async function learnedBy(context: Context, { worktree, project, task, handle, createdAt }: TaskStatus): Promise<readonly NamedLearning[]> {
  const found = worktree === undefined ? [] : await loadLearned(dirname(worktree), [basename(worktree), '.planning', 'brain'], handle)
  if (found.length > 0) return found
  const archive = ['archive', `${task}-${Date.parse(createdAt)}`, 'brain']
  return loadLearned(projectFolder(homeAt(context.home), project), archive, handle)
}
