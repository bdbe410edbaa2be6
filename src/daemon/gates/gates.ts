import { createHash } from 'node:crypto'
import { addedLines } from '../../domain/gates/added-lines.ts'
import type { CommitFacts, Manifest } from '../../domain/gates/commit-facts.ts'
import { isManifest } from '../../domain/gates/dependencies/manifest.ts'
import { findGates } from '../../domain/gates/find-gates.ts'
import type { GateFinding } from '../../domain/gates/gate.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { Git, Repository } from '../../ports/git.ts'
import { leftTargetAt } from '../../workflows/landing/left-target.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Gates as GatesPort } from '../../workflows/team-services.ts'
import type { Roster } from '../services/roster.ts'

/** What a commit meets of the rules, read from the object database alone: nothing of a worktree is looked at or run. */
export class Gates implements GatesPort {
  readonly #git: Git
  readonly #roster: Pick<Roster, 'status' | 'records'>

  constructor(git: Git, roster: Pick<Roster, 'status' | 'records'>) {
    this.#git = git
    this.#roster = roster
  }

  async look(input: TaskInput, base: string, commit: string): Promise<readonly GateFinding[]> {
    const { gates = [] } = input.settings
    if (gates.length === 0) return []
    const repository = await this.#git.open(input.repository)
    const from = await leftTargetAt(repository, { target: input.target, base: base as Sha, commit: commit as Sha })
    const facts = await readFacts(repository, from, commit as Sha)
    return findGates(gates, { ...facts, costUsd: this.#costOf(input) }).map((finding) => ({ ...finding, content: digest(finding.content) }))
  }

  /** A part is asked for what its whole feature has cost. */
  #costOf({ handle, part }: TaskInput): number {
    const those =
      part === undefined
        ? [handle]
        : this.#roster.records().flatMap(({ input }) => (input.part?.feature === part.feature ? [input.handle] : []))
    return those.reduce((sum, one) => sum + (this.#roster.status(one)?.costUsd ?? 0), 0)
  }
}

async function readFacts(repository: Repository, from: Sha, commit: Sha): Promise<Omit<CommitFacts, 'costUsd'>> {
  const [{ text, files, isCut }, present] = await Promise.all([
    repository.diff(from, commit, { contextLines: 0 }),
    repository.listFiles(commit),
  ])
  const blobs = new Map(present.map(({ path, blob }) => [path, blob]))
  return {
    // A submodule has no content of its own here: it is another one at every commit.
    files: files.map(({ path, from: before, change }) => ({
      path,
      change,
      ...(before !== undefined && { from: before }),
      content: change === 'deleted' ? '' : (blobs.get(path) ?? commit),
    })),
    added: addedLines(text, files),
    isCut,
    manifests: await Promise.all(files.filter(({ path }) => isManifest(path)).map((file) => readManifest(repository, from, commit, file))),
  }
}

async function readManifest(
  repository: Repository,
  from: Sha,
  commit: Sha,
  file: { readonly path: string; readonly from?: string },
): Promise<Manifest> {
  const [before, after] = await Promise.all([repository.readFile(from, file.from ?? file.path), repository.readFile(commit, file.path)])
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  return { path: file.path, ...(before !== undefined && { before: text(before) }), ...(after !== undefined && { after: text(after) }) }
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32)
}
