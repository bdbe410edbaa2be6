import { findTrespass, type Trespass } from '../../domain/features/ownership.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { Git, Repository } from '../../ports/git.ts'
import { boundsOf } from '../../workflows/landing/ownership.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Ownerships } from '../../workflows/team-services.ts'
import type { Roster } from '../services/roster.ts'
import type { PermittedEdits } from './permitted-edits.ts'

export interface TrespassParts {
  readonly git: Git
  readonly roster: Pick<Roster, 'records'>
  readonly permitted: Pick<PermittedEdits, 'of'>
}

/** Looks at commits for what no hook saw: the shell's redirections, agents that ask nobody, a daemon that was gone. */
export class Trespasses implements Ownerships {
  readonly #parts: TrespassParts

  constructor(parts: TrespassParts) {
    this.#parts = parts
  }

  async trespasses(input: TaskInput, base: string, commit: string): Promise<readonly Trespass[]> {
    const bounds = boundsOf(input)
    if (bounds === undefined) return []
    const repository = await this.#parts.git.open(input.repository)
    const given = await this.#given(repository, input, base as Sha, commit as Sha)
    const permitted = await this.#parts.permitted.of(input)
    return (await changedPaths(repository, given, commit as Sha))
      .filter((path) => !permitted.includes(path))
      .flatMap((path) => findTrespass(bounds, path) ?? [])
  }

  /** The commits from which the task has what it did not do itself: where it began, and what it merged since. */
  async #given(repository: Repository, input: TaskInput, base: Sha, commit: Sha): Promise<readonly Sha[]> {
    const { commit: target } = await repository.targetTip(input.target)
    const heads = await Promise.all(this.#siblings(input).map((branch) => repository.resolve(branch)))
    const merged = await Promise.all(
      [target, ...heads.filter((head) => head !== undefined)].map((head) => repository.mergeBase(head, commit)),
    )
    return [...new Set([base, ...merged.filter((sha) => sha !== undefined)])]
  }

  /** Branches of the other parts of its feature. */
  #siblings({ handle, part }: TaskInput): readonly string[] {
    if (part === undefined) return []
    const inputs = this.#parts.roster.records().map((record) => record.input)
    return inputs.filter((other) => other.handle !== handle && other.part?.run === part.run).map(({ branch }) => `refs/heads/${branch}`)
  }
}

/** Those whose content is in none of these commits as it is in `commit`. By content: a rename is both its names. */
async function changedPaths(repository: Repository, before: readonly Sha[], commit: Sha): Promise<readonly string[]> {
  const [now, ...then] = await Promise.all([commit, ...before].map(async (sha) => filesOf(repository, sha)))
  const paths = new Set([now, ...then].flatMap((files) => [...(files?.keys() ?? [])]))
  return [...paths].filter((path) => then.every((files) => files.get(path) !== now?.get(path))).toSorted()
}

async function filesOf(repository: Repository, commit: Sha): Promise<ReadonlyMap<string, string>> {
  return new Map((await repository.listFiles(commit)).map(({ path, blob }) => [path, blob]))
}
