import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Material } from '../../tui/review/item.ts'
import type { Context } from '../context.ts'
import { loadNotes } from '../tasks/agent-notes.ts'
import { spanOf, uncommittedPaths } from './changes.ts'

/** All that a person looks at before they judge a task's work. Nothing is touched and nothing runs. */
export async function loadMaterial(context: Context, task: TaskStatus): Promise<Material> {
  const repository = await (await context.services()).git.open(task.repository)
  const [{ patch, to }, uncommitted, notes] = await Promise.all([
    spanOf(repository, task).then(async ({ from, to }) => ({ to, patch: await repository.diff(from, to) })),
    uncommittedPaths(repository, task),
    loadNotes(context.home, task),
  ])
  return {
    head: to,
    patch,
    uncommitted: uncommitted ?? [],
    notes: notes?.text ?? '',
    overlaps: (task.overlaps ?? []).map(({ with: other, files }) => ({ other, files })),
  }
}
