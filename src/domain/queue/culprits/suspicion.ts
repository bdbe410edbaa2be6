import type { Ranking } from '../hands.ts'
import type { TestFailure } from '../test-run.ts'
import { requestedPlaces } from './imports.ts'

export type Line = { readonly path: string; readonly line: number }
/** Lines of the candidate, both ends included. */
export type Block = { readonly path: string; readonly from: number; readonly to: number }

/** What is known of one failing test. Paths are of the repository, with forward slashes. */
export type FailureEvidence = {
  readonly failure: TestFailure
  /** The test's own lines; the whole file where they are not known. */
  readonly block?: Block
  /** Files reachable from the test's file, by the number of imports in between; 1: imported by the test itself. */
  readonly imports: ReadonlyMap<string, number>
}

/** What is known of one entry's change. */
export type ChangeEvidence = {
  readonly member: string
  readonly changed: readonly Block[]
  /** Also files that it deleted, or of which only lines went away. */
  readonly files: ReadonlySet<string>
  /** Of its added and removed lines: see `wordsOf`. */
  readonly words: ReadonlySet<string>
  /** Of the failing lines those that `git blame target..candidate` gives it. */
  readonly blamed: readonly Line[]
}

/** Each is worth more than all below it together can usually make up for. */
const WEIGHT = { blamed: 100, requested: 50, ownBlock: 40, near: 15, ownFile: 12, frameFile: 10, named: 10, words: 6, imports: 4 }
/** A change this close to a failing line may well have moved it. */
const NEAR_LINES = 10

/**
 * Who may have broken each test, the most suspected first; without those of whom nothing speaks. Ties keep the order of `changes`.
 * On 9 breakages among 53 real branches blame alone named the culprit first in 7, words alone in 3.
 */
export function rankSuspects(failures: readonly FailureEvidence[], changes: readonly ChangeEvidence[]): readonly Ranking[] {
  const rarity = rarityOf(changes)
  return failures.map((evidence) => {
    const { file, name } = evidence.failure
    const scored = changes.map((change) => ({ member: change.member, score: suspicionOf(evidence, change, rarity) }))
    const suspects = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
    return { test: file === undefined ? { name } : { file, name }, suspects }
  })
}

/** Names in code and prose, of three characters or more, as they stand. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu))
}

type Rarity = (word: string) => number

/** Inverse document frequency: a word of all changes says nothing. */
function rarityOf(changes: readonly ChangeEvidence[]): Rarity {
  const counts = new Map<string, number>()
  for (const { words } of changes) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return (word) => Math.log((1 + changes.length) / (1 + (counts.get(word) ?? 0)))
}

function suspicionOf(evidence: FailureEvidence, change: ChangeEvidence, rarity: Rarity): number {
  return (
    byFrames(evidence.failure, change) +
    byOwnFile(evidence, change) +
    byMessage(evidence.failure, change, rarity) +
    byRequest(evidence.failure, change) +
    byImports(evidence.imports, change.files)
  )
}

/** The innermost frame counts whole, the next half, the third a third. */
function byFrames({ frames }: TestFailure, { blamed, changed, files }: ChangeEvidence): number {
  let score = 0
  const seen = new Set<string>()
  frames.forEach(({ path, line }, depth) => {
    const isBlamed = blamed.some((own) => own.path === path && own.line === line)
    const isNear = changed.some((own) => own.path === path && line >= own.from - NEAR_LINES && line <= own.to + NEAR_LINES)
    const isFile = files.has(path) && !seen.has(path)
    seen.add(path)
    score += ((isBlamed ? WEIGHT.blamed : 0) + (isNear ? WEIGHT.near : 0) + (isFile ? WEIGHT.frameFile : 0)) / (depth + 1)
  })
  return score
}

function byOwnFile({ failure, block }: FailureEvidence, { changed, files }: ChangeEvidence): number {
  const isOwnBlock =
    block !== undefined && changed.some(({ path, from, to }) => path === block.path && from <= block.to && to >= block.from)
  if (isOwnBlock) return WEIGHT.ownBlock
  return failure.file !== undefined && files.has(failure.file) ? WEIGHT.ownFile : 0
}

/** The share of the message's rare words that the change has too; and whether it names a file of the change. */
function byMessage({ name, message }: TestFailure, { words, files }: ChangeEvidence, rarity: Rarity): number {
  const said = [...wordsOf(`${name}\n${message}`)]
  const weigh = (list: readonly string[]) => list.reduce((sum, word) => sum + rarity(word), 0)
  const total = weigh(said)
  const shared = total > 0 ? weigh(said.filter((word) => words.has(word))) / total : 0
  const isNamed = [...files].some((path) => mentions(message, path))
  return WEIGHT.words * shared + (isNamed ? WEIGHT.named : 0)
}

/** A module that cannot be loaded as its importer asks for it: the importer is where it shows, and seldom who changed something. */
function byRequest({ file, message, frames }: TestFailure, { files }: ChangeEvidence): number {
  const from = frames[0]?.path ?? file
  return from !== undefined && requestedPlaces(from, message).some((path) => files.has(path)) ? WEIGHT.requested : 0
}

/** Also inside an absolute path; `src/a.ts` is not named by `src/a.tsx` or `xsrc/a.ts`. */
function mentions(message: string, path: string): boolean {
  for (let at = message.indexOf(path); at >= 0; at = message.indexOf(path, at + 1)) {
    const before = at === 0 ? ' ' : message.charAt(at - 1)
    const after = message.charAt(at + path.length)
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after)) return true
  }
  return false
}

/** The nearest of its files. */
function byImports(imports: ReadonlyMap<string, number>, files: ReadonlySet<string>): number {
  const distances = [...files].flatMap((path) => imports.get(path) ?? [])
  return distances.length === 0 ? 0 : WEIGHT.imports / Math.max(1, Math.min(...distances))
}
