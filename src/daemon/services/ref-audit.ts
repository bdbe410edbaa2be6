import type { Sha } from '../../foundation/brand.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Git, UnknownFilter } from '../../ports/git.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from './roster.ts'

type Refs = Readonly<Record<string, Sha>>

/**
 * After every turn: which branches, tags and remote refs moved that neither this session nor orch was to move, and which git filters came. The guard refuses such moves;
 * this tells of those that went round it (or that a person made meanwhile, which looks the same, so nothing is put back by itself).
 */
export class RefAudit {
  readonly #git: Git
  readonly #roster: Roster
  readonly #now: () => number
  readonly #known = new Map<string, Seen>()
  readonly #landed = new Set<string>()

  constructor(git: Git, roster: Roster, now: () => number) {
    this.#git = git
    this.#roster = roster
    this.#now = now
  }

  /** orch's own landing of this commit: no finding. */
  expect(commit: string): void {
    this.#landed.add(commit)
  }

  /** Before a session can move anything: what the first look after a turn is compared with. */
  async begin(input: TaskInput): Promise<void> {
    if (this.#known.has(input.repository)) return
    const found = await this.#look(input.repository)
    if (!this.#known.has(input.repository)) this.#known.set(input.repository, found)
  }

  async check(input: TaskInput): Promise<void> {
    const found = await this.#look(input.repository)
    const known = this.#known.get(input.repository)
    this.#known.set(input.repository, found)
    if (known === undefined) return
    for (const text of [
      ...this.#movedRefs(input.repository, known.refs, found.refs),
      ...switched(known.headBranch, found.headBranch),
      ...newFilters(known.filters, found.filters),
    ]) {
      this.#roster.note(input, { message: { at: this.#now(), kind: 'audit', text } })
    }
  }

  /** Which branch the main checkout is on stands in no ref, and the guard of git 2.39 is not asked when it changes. */
  async #look(path: string): Promise<Seen> {
    const repository = await this.#git.open(path)
    const [refs, { headBranch }, filters] = await Promise.all([
      repository.snapshotRefs(),
      repository.standing(),
      repository.unknownFilters(),
    ])
    return { refs, filters, headBranch: headBranch ?? 'no branch' }
  }

  #movedRefs(repository: string, known: Refs, found: Refs): string[] {
    const own = new Set(
      this.#roster
        .statuses()
        .filter((status) => status.repository === repository)
        .map((status) => `refs/heads/${status.branch}`),
    )
    const moved = [...new Set([...Object.keys(known), ...Object.keys(found)])].filter((ref) => known[ref] !== found[ref])
    // Remote-tracking refs move with every fetch, orch's own included.
    return moved
      .filter((ref) => !own.has(ref) && !ref.startsWith('refs/remotes/') && !this.#landed.has(found[ref] ?? ''))
      .map(
        (ref) =>
          `${plainLine(ref)} moved from ${short(known[ref])} to ${short(found[ref])} during this turn, not by orch; if it was not you, ${wayBack(ref, known[ref])}`,
      )
  }
}

interface Seen {
  readonly refs: Refs
  readonly headBranch: string
  readonly filters: readonly UnknownFilter[]
}

function switched(known: string, found: string): string[] {
  if (known === found) return []
  return [
    `the main checkout went from ${plainLine(known)} to ${plainLine(found)} during this turn, not by orch; if it was not you, git switch ${plainLine(known)} there`,
  ]
}

function newFilters(known: readonly UnknownFilter[], found: readonly UnknownFilter[]): string[] {
  return found
    .filter(({ id }) => !known.some((filter) => filter.id === id))
    .map(({ name }) => `the git filter ${plainLine(name)} came into the repository's configuration during this turn; ${NOT_RUN}`)
}

/** How a person decides about a filter that came after the sessions. */
export const NOT_RUN = 'orch does not run it unless you accept it: orch doctor'

function wayBack(ref: string, known: Sha | undefined): string {
  return known === undefined ? `git update-ref -d ${plainLine(ref)}` : `git update-ref ${plainLine(ref)} ${known}`
}

function short(sha: Sha | undefined): string {
  return sha?.slice(0, 10) ?? 'nothing'
}
