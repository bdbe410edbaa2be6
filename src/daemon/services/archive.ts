import { constants } from 'node:fs'
import { mkdir, open, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'
import { isRealFolder } from '../../platform/foreign-files.ts'
import { renderNotesFile } from '../../domain/tasks/prompts.ts'
import { type Home, projectFolder } from '../../config/home.ts'
import { placedInput } from '../attempts/contest-records.ts'
import type { Brain } from '../brain/brain.ts'
import type { Archive as ArchivePort } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from './roster.ts'

const LARGEST_FILE_BYTES = 5_000_000
const MOST_FILES = 500
const SHOWN_NOTES = 4000
const SHOWN_FILES = 20

export interface ArchiveParts {
  readonly home: Home
  readonly brain: Pick<Brain, 'keep'>
  readonly roster: Roster
  readonly logError: (error: unknown) => void
}

/** What is worth keeping of a worktree when it goes: notes, brain, the task, and why. Regular files only; no link is followed. */
export class Archive implements ArchivePort {
  readonly #parts: ArchiveParts

  constructor(parts: ArchiveParts) {
    this.#parts = parts
  }

  async save(input: TaskInput, reason: string): Promise<{ folder: string; notes: string }> {
    const folder = join(projectFolder(this.#parts.home, input.project), 'archive', `${input.task.id}-${input.createdAt}`)
    await ensurePrivateDirectory(folder)
    const budget = { files: MOST_FILES }
    for (const name of ['TASK.md', 'AGENT_NOTES.md']) await copyRegular(join(input.worktree, name), join(folder, name), budget)
    if (await isRealFolder(join(input.worktree, '.planning')))
      await copyFolder(join(input.worktree, '.planning', 'brain'), join(folder, 'brain'), budget)
    await replaceFile(join(folder, 'WHY.md'), `${reason}\n`)
    return { folder, notes: await shownText(folder, renderNotesFile(input)) }
  }

  /** Of a task of several attempts, what the taken one has learned. */
  async keepLearnings(input: TaskInput): Promise<void> {
    const { brain, roster, logError } = this.#parts
    const record = roster.record(input.handle)
    await brain.keep(record === undefined ? input : placedInput(roster, record)).catch(logError)
  }

  /** Beside the worktree, so that moving into it is one rename on one file system; its own, so that emptying one does not take another's away. */
  trash(input: TaskInput): string {
    return join(dirname(input.worktree), `.orch-trash-${input.handle}`)
  }

  /** Files that cannot be deleted (another user's, a mount) are told of and left; the work itself was kept before. */
  async emptyTrash(input: TaskInput): Promise<void> {
    await rm(this.trash(input), { recursive: true, force: true, maxRetries: 3 }).catch(this.#parts.logError)
  }
}

/** The notes, unless nobody wrote any, then what was learned. */
async function shownText(folder: string, blank: string): Promise<string> {
  const notes = await loadText(join(folder, 'AGENT_NOTES.md'))
  const texts = notes === undefined || notes.trim() === blank.trim() ? [] : [notes]
  const brain = await readdir(join(folder, 'brain'), { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of brain.filter((each) => each.isFile()).slice(0, SHOWN_FILES)) {
    const path = join(entry.parentPath, entry.name)
    texts.push(`brain/${relative(join(folder, 'brain'), path)}:\n${(await loadText(path)) ?? ''}`)
  }
  return texts.join('\n').slice(0, SHOWN_NOTES)
}

async function copyFolder(from: string, to: string, budget: { files: number }, depth = 0): Promise<void> {
  if (!(await isRealFolder(from)) || depth > 5) return
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (budget.files <= 0) return
    if (entry.isDirectory()) await copyFolder(join(from, entry.name), join(to, entry.name), budget, depth + 1)
    else if (entry.isFile()) await copyRegular(join(from, entry.name), join(to, entry.name), budget)
  }
}

async function copyRegular(from: string, to: string, budget: { files: number }): Promise<void> {
  // Opened first and asked then: what was a file a moment ago may be a link or a pipe now.
  const file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (file === undefined) return
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > LARGEST_FILE_BYTES) return
    budget.files -= 1
    await writeFile(to, await file.readFile(), { mode: 0o600 })
    // When it was written says whether it is current.
    await utimes(to, stat.atime, stat.mtime)
  } finally {
    await file.close()
  }
}
