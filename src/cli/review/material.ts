import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { renderNotesFile } from '../../domain/tasks/prompts.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Material } from '../../tui/review/item.ts'
import type { Context } from '../context.ts'
import { spanOf, uncommittedPaths } from './changes.ts'

/** All that a person looks at before they judge a task's work. Nothing is touched and nothing runs. */
export async function loadMaterial(context: Context, task: TaskStatus): Promise<Material> {
  const repository = await (await context.services()).git.open(task.repository)
  const [{ patch, to }, uncommitted, notes] = await Promise.all([
    spanOf(repository, task).then(async ({ from, to }) => ({ to, patch: await repository.diff(from, to) })),
    uncommittedPaths(repository, task),
    loadNotes(task),
  ])
  return {
    head: to,
    patch,
    uncommitted: uncommitted ?? [],
    notes,
    overlaps: (task.overlaps ?? []).map(({ with: other, files }) => ({ other, files })),
  }
}

const LARGEST_NOTES = 200_000

/** The agent's own words; not what orch put there for it to fill in, and never through a link that it laid. */
async function loadNotes({ worktree, title }: TaskStatus): Promise<string> {
  if (worktree === undefined) return ''
  const file = await open(join(worktree, 'AGENT_NOTES.md'), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if (file === undefined) return ''
  try {
    if (!(await file.stat()).isFile()) return ''
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LARGEST_NOTES), 0, LARGEST_NOTES, 0)
    const text = buffer.toString('utf8', 0, bytesRead)
    return text.trim() === renderNotesFile({ task: { title } }).trim() ? '' : text
  } finally {
    await file.close()
  }
}
