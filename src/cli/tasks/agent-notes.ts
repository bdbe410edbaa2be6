import { join } from 'node:path'
import { renderNotesFile } from '../../domain/tasks/prompts.ts'
import { homeAt, projectFolder } from '../../config/home.ts'
import { loadForeignText, type ForeignFile } from '../../platform/foreign-files.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'

const LARGEST_NOTES = 200_000

/** The agent's own AGENT_NOTES.md, from its worktree or from the archive; undefined where it holds only what orch put there for it to fill in. */
export async function loadNotes(home: string, task: TaskStatus): Promise<ForeignFile | undefined> {
  const { worktree, project, title, createdAt } = task
  const archive = join(projectFolder(homeAt(home), project), 'archive', `${task.task}-${Date.parse(createdAt)}`)
  const here = worktree === undefined ? undefined : await loadForeignText(join(worktree, 'AGENT_NOTES.md'), LARGEST_NOTES)
  const found = here ?? (await loadForeignText(join(archive, 'AGENT_NOTES.md'), LARGEST_NOTES))
  return found === undefined || found.text.trim() === renderNotesFile({ task: { title } }).trim() ? undefined : found
}
