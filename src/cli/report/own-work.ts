import { parseSha, type Sha } from '../../foundation/brand.ts'
import type { CommitFacts, Repository } from '../../ports/git.ts'

/** What a part itself has committed, oldest first, without what it merged of others. */
export interface OwnWork {
  /** Where its branch is now. */
  readonly head: string
  readonly commits: readonly { readonly at: number; readonly subject: string }[]
  readonly changedFiles: readonly string[]
}

interface Branch {
  readonly handle: string
  readonly base: string | undefined
  readonly branch: string
  /** Where its branch was, should that be gone. */
  readonly commit: string | undefined
}

const MOST_COMMITS = 200

/** A part of which git knows no commits any more is left out. */
export async function loadOwnWork(repository: Repository, branches: readonly Branch[]): Promise<ReadonlyMap<string, OwnWork>> {
  const all = await Promise.all(
    branches.map(async (branch) => ({ branch, commits: await commitsOf(repository, branch).catch(() => undefined) })),
  )
  const known = all.flatMap(({ branch, commits }) => (commits === undefined ? [] : [{ handle: branch.handle, ...commits }]))
  const entries = known.map(async ({ handle, head, commits }) => {
    // Who merges another's work has that one's commits and more.
    const own = commits.filter(
      ({ sha }) => !known.some((each) => each.commits.length < commits.length && each.commits.some((other) => other.sha === sha)),
    )
    return [handle, { head, ...(await workOf(repository, own)) }] as const
  })
  return new Map(await Promise.all(entries))
}

async function commitsOf(
  repository: Repository,
  { base, branch, commit }: Branch,
): Promise<{ readonly head: Sha; readonly commits: readonly CommitFacts[] } | undefined> {
  const from = parseSha(base ?? '')
  const head = (await repository.resolve(`refs/heads/${branch}`)) ?? (commit === undefined ? undefined : await repository.resolve(commit))
  if (head === undefined) return undefined
  return { head, commits: from === undefined ? [] : await repository.commitsBetween(from, head, MOST_COMMITS) }
}

async function workOf(repository: Repository, own: readonly CommitFacts[]): Promise<Omit<OwnWork, 'head'>> {
  const files = new Set<string>()
  for (const { sha } of own) for (const path of await changedBy(repository, sha)) files.add(path)
  const commits = own.toReversed().map(({ at, subject }) => ({ at, subject }))
  return { commits: commits.toSorted((a, b) => a.at - b.at), changedFiles: [...files].toSorted() }
}

/** A merge changes nothing of its own that could be told from what it merges. */
async function changedBy(repository: Repository, sha: Sha): Promise<readonly string[]> {
  const [parent, other] = await Promise.all([repository.resolve(`${sha}^1`), repository.resolve(`${sha}^2`)])
  if (parent === undefined || other !== undefined) return []
  return (await repository.changes(parent, sha)).files.map(({ path }) => path)
}
