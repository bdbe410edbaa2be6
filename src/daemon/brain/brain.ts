import { join } from 'node:path'
import {
  BRAIN_FOLDERS,
  learningName,
  PROJECT_BOUNDS,
  readLearnings,
  renderLearning,
  WORKTREE_BOUNDS,
  type NamedLearning,
} from '../../domain/brain/learning.ts'
import { chooseLearnings } from '../../domain/brain/relevance.ts'
import { addFile, ensurePrivateDirectory } from '../../platform/files.ts'
import { loadForeignFolder } from '../../platform/foreign-files.ts'
import { hexDigest } from '../../platform/ids.ts'
import { brainFolder, type Home } from '../../config/home.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

/** What the sessions of a project have learned. One file each, called by what it says: bringing brains together is copying, and cannot conflict. */
export class Brain {
  readonly #home: Home

  constructor(home: Home) {
    this.#home = home
  }

  /** What was learned in a worktree goes into its project's brain; repeated it finds it there. */
  async keep({ project, worktree, handle }: Pick<TaskInput, 'project' | 'worktree' | 'handle'>): Promise<void> {
    const learned = readLearnings(await loadForeignFolder(worktree, BRAIN_FOLDERS, WORKTREE_BOUNDS), handle)
    if (learned.length === 0) return
    const folder = brainFolder(this.#home, project)
    await ensurePrivateDirectory(folder)
    for (const { learning } of learned) await addFile(join(folder, learningName(learning, hexDigest)), renderLearning(learning))
  }

  /** The few that a session of this task should know: of the project's brain and of the repository's own. */
  async chosenFor({ project, repository, task }: Pick<TaskInput, 'project' | 'repository' | 'task'>): Promise<readonly NamedLearning[]> {
    const [kept, own] = await Promise.all([
      loadForeignFolder(brainFolder(this.#home, project), [], PROJECT_BOUNDS),
      loadForeignFolder(repository, BRAIN_FOLDERS, WORKTREE_BOUNDS),
    ])
    const known = new Map(
      [...readLearnings(own), ...readLearnings(kept)].map(({ learning }) => {
        const name = learningName(learning, hexDigest)
        return [name, { name, learning }]
      }),
    )
    return chooseLearnings([...known.values()], task)
  }
}
