import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import {
  BRAIN_FOLDERS,
  learningName,
  PROJECT_BOUNDS,
  readLearnings,
  renderLearning,
  WORKTREE_BOUNDS,
  type Learning,
  type NamedLearning,
} from '../../domain/brain/learning.ts'
import { brainFolder } from '../../config/home.ts'
import { addFile } from '../../platform/files.ts'
import { ensureRealFolder, loadForeignFolder } from '../../platform/foreign-files.ts'
import { hexDigest } from '../../platform/ids.ts'
import type { Context } from '../context.ts'
import { projectsOf } from '../tasks/projects-of.ts'
import { repositoryOf } from '../tasks/repository-of.ts'

/** The repository in which the person stands, and what it is called in this home; no name before its first task. */
export function requireProject(context: Context): { root: string; project: string | undefined } {
  const root = repositoryOf(context.cwd)
  if (root === undefined)
    throw new Failure('not-a-repository', `${context.cwd} is in no git repository`, { next: 'run it inside of your repository' })
  return { root, project: projectsOf(context.home, root)[0] }
}

/** Newest first. */
export async function loadBrain(home: string, project: string | undefined): Promise<readonly NamedLearning[]> {
  if (project === undefined) return []
  const files = await loadForeignFolder(brainFolder({ root: home }, project), [], PROJECT_BOUNDS)
  return readLearnings(files).toSorted((a, b) => b.learning.at - a.learning.at || (a.name < b.name ? -1 : 1))
}

/** Of a worktree or a repository, under the names that they have everywhere. */
export async function loadLearned(
  root: string,
  folders: readonly string[] = BRAIN_FOLDERS,
  from?: string,
): Promise<readonly NamedLearning[]> {
  const files = await loadForeignFolder(root, folders, WORKTREE_BOUNDS)
  return readLearnings(files, from).map(({ learning }) => ({ name: learningName(learning, hexDigest), learning }))
}

/** Each that was not there; answers their names. */
export async function addLearnings(folder: string, learned: readonly NamedLearning[]): Promise<readonly string[]> {
  const added: string[] = []
  for (const { name, learning } of learned) if (await addFile(join(folder, name), renderLearning(learning))) added.push(name)
  return added
}

/** Makes the folders below `root`, of which none may be a link: Failure `not-a-folder`. */
export async function ensureRealFolders(root: string, folders: readonly string[]): Promise<string> {
  let path = root
  for (const name of folders) {
    path = join(path, name)
    await ensureRealFolder(path)
  }
  return path
}

export function learningLine({ title, tags, from }: Learning): string {
  const more = [...tags.map((tag) => `#${tag}`), ...(from === undefined ? [] : [`from ${from}`])]
  return plainLine([title, ...more].join('  '), 400)
}
