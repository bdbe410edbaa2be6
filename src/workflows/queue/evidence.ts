import type { Sha } from '../../foundation/brand.ts'
import { importedPlaces } from '../../domain/queue/culprits/imports.ts'
import { rankSuspects, wordsOf, type Block, type ChangeEvidence, type Line } from '../../domain/queue/culprits/suspicion.ts'
import type { QueueEntry } from '../../domain/queue/entry.ts'
import type { Ranking } from '../../domain/queue/hands.ts'
import type { TestFailure } from '../../domain/queue/test-run.ts'
import type { Repository } from '../../ports/git.ts'

/** Merged onto the one before it: what lies between the two commits is this entry's. */
export interface Link {
  readonly entry: QueueEntry
  readonly before: Sha
  readonly after: Sha
}

const MOST_LINES = 60
const MOST_FILES = 300
const DEEPEST_IMPORT = 6
const DIFF_BYTES = 256 * 1024

type Change = Omit<ChangeEvidence, 'blamed'>

/** Gathers what speaks for whom in one candidate. Only a hint comes of it, so everything is bounded. */
export class Evidence {
  readonly #repository: Repository
  /** By head: a branch's own change is the same in every candidate. */
  readonly #changes = new Map<Sha, Promise<Change>>()

  constructor(repository: Repository) {
    this.#repository = repository
  }

  async rank(base: Sha, links: readonly Link[], failures: readonly TestFailure[]): Promise<readonly Ranking[]> {
    const candidate = links.at(-1)?.after ?? base
    const [changes, blamed, imports] = await Promise.all([
      Promise.all(links.map((link) => this.#changeOf(link))),
      this.#blame(base, candidate, links, failures),
      Promise.all(failures.map((failure) => this.#importsOf(candidate, failure.file))),
    ])
    return rankSuspects(
      failures.map((failure, at) => ({ failure, imports: imports[at] ?? new Map<string, number>() })),
      changes.map((change) => ({ ...change, blamed: blamed.get(change.member) ?? [] })),
    )
  }

  #changeOf(link: Link): Promise<Change> {
    const known = this.#changes.get(link.entry.head)
    if (known !== undefined) return known
    const made = this.#loadChange(link)
    this.#changes.set(link.entry.head, made)
    return made
  }

  async #loadChange({ entry, before, after }: Link): Promise<Change> {
    const [{ files }, patch] = await Promise.all([
      this.#repository.changes(before, after),
      this.#repository.diff(before, after, { contextLines: 0, maxBytes: DIFF_BYTES }),
    ])
    const lines = patch.text.split('\n').filter((line) => /^[+-](?![+-])/.test(line))
    return {
      member: entry.id,
      changed: files.flatMap(({ path, ranges }) =>
        ranges.map(({ start, count }): Block => ({ path, from: start, to: start + Math.max(count, 1) - 1 })),
      ),
      files: new Set(files.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]))),
      words: wordsOf(lines.join('\n')),
    }
  }

  /** The innermost frames of each failure first. */
  async #blame(base: Sha, candidate: Sha, links: readonly Link[], failures: readonly TestFailure[]): Promise<Map<string, Line[]>> {
    const lines = framesOf(failures)
    const blamed = new Map<string, Line[]>()
    if (lines.length === 0) return blamed
    const commits = await this.#repository.blameLines({ commit: candidate, base, lines })
    if (commits.every((commit) => commit === undefined)) return blamed
    const owners = await this.#ownersOf(links)
    for (const [at, commit] of commits.entries()) {
      const [owner, line] = [commit === undefined ? undefined : owners.get(commit), lines[at]]
      if (owner !== undefined && line !== undefined) blamed.set(owner, [...(blamed.get(owner) ?? []), line])
    }
    return blamed
  }

  async #ownersOf(links: readonly Link[]): Promise<Map<Sha, string>> {
    const lists = await Promise.all(links.map(({ before, after }) => this.#repository.commitsBetween(before, after, 500)))
    return new Map(links.flatMap(({ entry }, at) => (lists[at] ?? []).map(({ sha }) => [sha, entry.id] as const)))
  }

  /** By the number of imports in between. */
  async #importsOf(candidate: Sha, file: string | undefined): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    let next = file === undefined ? [] : [file]
    for (let depth = 1; depth <= DEEPEST_IMPORT && next.length > 0 && found.size < MOST_FILES; depth += 1) {
      const places = (await Promise.all(next.map((path) => this.#importedBy(candidate, path)))).flat()
      next = [...new Set(places)].filter((path) => path !== file && !found.has(path)).slice(0, MOST_FILES - found.size)
      for (const path of next) found.set(path, depth)
    }
    return found
  }

  async #importedBy(candidate: Sha, path: string): Promise<string[]> {
    const text = await this.#text(candidate, path)
    if (text === undefined) return []
    const found = await Promise.all(importedPlaces(path, text).map((places) => this.#firstOf(candidate, places)))
    return found.filter((place) => place !== undefined)
  }

  async #firstOf(candidate: Sha, places: readonly string[]): Promise<string | undefined> {
    const contents = await Promise.all(places.map((place) => this.#repository.readFile(candidate, place)))
    return places.find((_place, at) => contents[at] !== undefined)
  }

  async #text(candidate: Sha, path: string): Promise<string | undefined> {
    const content = await this.#repository.readFile(candidate, path)
    return content === undefined || content.byteLength > DIFF_BYTES ? undefined : Buffer.from(content).toString('utf8')
  }
}

function framesOf(failures: readonly TestFailure[]): Line[] {
  const lines = new Map<string, Line>()
  for (let depth = 0; depth < 8; depth += 1) {
    for (const { frames } of failures) {
      const frame = frames[depth]
      if (frame !== undefined && lines.size < MOST_LINES) lines.set(`${frame.path}:${frame.line}`, frame)
    }
  }
  return [...lines.values()]
}
