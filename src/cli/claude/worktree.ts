import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { text as wholeText } from 'node:stream/consumers'
import { claudeFolder } from '../../config/home.ts'
import { PROJECT_FILE } from '../../config/load-config.ts'
import { taskIdOfName } from '../../domain/tasks/names.ts'
import type { SpawnRequest } from '../../protocol/requests.ts'
import type { SpawnResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { wholeEnvironment, type Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, renderError } from '../failures.ts'
import { runInside } from '../program/run-inside.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { commitsSinceBase, uncommittedPaths } from '../worktree/own-commits.ts'
import { parseRemoval, parseWorktree, type WorktreeInput } from './hook-input.ts'

/** Not orch's: whoever called makes a plain worktree, or removes it (`plugin/worktree.sh`). */
const NOT_OURS = EXIT.needsHuman

/**
 * `claude -w NAME`, and the worktrees that Claude Code makes within a session: in a repository of orch the person's becomes a task's, as after
 * `orch spawn --manual`, with their conversation as its own. Whatever stands already is used again, as Claude Code itself does.
 */
export async function worktree(context: Context): Promise<number> {
  const input = parseWorktree(await wholeText(process.stdin))
  const root = repositoryOf(input.cwd)
  if (root === undefined || !existsSync(join(root, PROJECT_FILE)) || isMadeForSubagent(input.name)) return NOT_OURS
  const known = ownTask(context, root, input.name)
  const task = known ?? (await begin(context, root, input))
  if (task?.worktree === undefined) return NOT_OURS
  follow(context, task, input)
  context.output.answer(realpathSync(task.worktree))
  return EXIT.done
}

/** The removal that the person was asked about by Claude Code is a clean-up like any other: with proof, or not at all. */
export async function worktreeLeft(context: Context): Promise<number> {
  const path = parseRemoval(await wholeText(process.stdin))
  const task = loadStatuses(context.home).tasks.find((each) => each.worktree !== undefined && isSame(each.worktree, path))
  if (task === undefined) return NOT_OURS
  const giveUp = (await hasNoWork(path)) ? ['--abandon=left in Claude Code without any work'] : []
  const { exitCode, answers, notes } = await runInside(context, ['cleanup', ...giveUp, '--', task.handle])
  context.output.note(`${answers}${notes}`.trimEnd())
  return exitCode === EXIT.done ? EXIT.done : EXIT.failed
}

/** The worktree is the person's, and Claude Code has just run git in it as well. What is not known counts as work. */
async function hasNoWork(worktree: string): Promise<boolean> {
  const looks = Promise.all([commitsSinceBase(worktree), uncommittedPaths(worktree)])
  const [commits, paths] = await looks.catch(() => [undefined, []] as const)
  return commits === 0 && paths.length === 0
}

/** Names that Claude Code gives the worktrees of its subagents and workflows: many, short-lived, and nobody's task. */
function isMadeForSubagent(name: string): boolean {
  return /^(?:agent|bridge|wf|job)[-_]/.test(name)
}

function ownTask({ home }: Context, root: string, name: string): TaskStatus | undefined {
  const id = taskIdOfName(name)
  return loadStatuses(home).tasks.find(
    ({ repository, task, kind, status, worktree: path }) =>
      task === id && kind === 'manual' && !isOver.has(status) && isSame(repository, root) && path !== undefined && existsSync(path),
  )
}

/** New work in the worktree of such a task would never land. */
const isOver: ReadonlySet<TaskStatus['status']> = new Set(['Merged', 'Archived'])

/** What fails after the worktree was made (a set-up command that takes long) does not take it from the person. */
async function begin(context: Context, root: string, input: WorktreeInput): Promise<TaskStatus | undefined> {
  const body: SpawnRequest = {
    cwd: root,
    kind: 'manual',
    name: input.name,
    conversation: input.session_id,
    environment: wholeEnvironment(context),
    id: randomUUID(),
  }
  try {
    const { task } = await ask<SpawnResponse>(
      context,
      { method: 'POST', path: '/v1/spawn', body, isRepeatable: true },
      'preparing the worktree',
    )
    return task
  } catch (error) {
    context.output.note(renderError(error, ''))
    return ownTask(context, root, input.name)
  }
}

/** From now on the plugin's hooks of this conversation write where those of a manual session do (`plugin/follow.sh`). */
function follow({ home }: Context, { process }: TaskStatus, { session_id: session }: WorktreeInput): void {
  if (process === undefined) return
  const folder = join(claudeFolder({ root: home }), 'tasks')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  rmSync(join(folder, session), { force: true })
  symlinkSync(process.folder, join(folder, session))
}

function isSame(one: string, other: string): boolean {
  return one === other || real(one) === real(other)
}

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}
