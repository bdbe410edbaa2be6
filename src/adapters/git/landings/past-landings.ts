import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { LandedEntry, PastLanding } from '../../../ports/git-landings.ts'
import { splitNul } from '../git-command.ts'
import { isAncestor } from '../history.ts'
import type { Place } from '../place.ts'
import { withScratch } from '../scratch.ts'

/** Further back nobody looks for a landing. */
const COMMITS_AT_MOST = 1000

/** Newest first. */
export async function lastLandings(place: Place, target: Sha, limit: number): Promise<PastLanding[]> {
  const landings: PastLanding[] = []
  const line = await firstParentLine(place, target)
  for (let at = 0; at < line.length && landings.length < limit;) {
    const id = line[at]?.landing ?? ''
    const length = id === '' ? 1 : line.slice(at).findIndex((commit) => commit.landing !== id)
    const run = line.slice(at, length < 0 ? undefined : at + length)
    // A run that goes on past the end of what was read has no beginning to go back to.
    const landing = id === '' || length < 0 ? undefined : landingOf(id, run)
    if (landing !== undefined) landings.push(landing)
    at += run.length
  }
  return landings
}

/** Contained, or in the target's newest first-parent commits under another id. */
export async function isLanded(place: Place, head: Sha, target: Sha, entry: string): Promise<boolean> {
  if (await isAncestor(place, head, target)) return true
  return (await firstParentLine(place, target)).some((commit) => commit.entry === entry)
}

interface LineCommit {
  readonly sha: Sha
  readonly parent: Sha | undefined
  readonly at: number
  readonly subject: string
  readonly landing: string
  readonly entry: string
  readonly task: string
}

/** Newest first. From a scratch directory: which lines are trailers can be configured. */
async function firstParentLine(place: Place, target: Sha): Promise<readonly LineCommit[]> {
  const trailers = ['Orch-Landing', 'Orch-Entry', 'Orch-Task'].map((key) => `%(trailers:key=${key},valueonly,unfold,separator=%x0a)`)
  const format = `--format=${['%H', '%P', '%ct', '%s', ...trailers].join('%x00')}%x00`
  const args = ['rev-list', '--no-commit-header', '--encoding=UTF-8', '--first-parent', `--max-count=${COMMITS_AT_MOST}`, format]
  const fields = await withScratch(place, {}, async (scratch) =>
    splitNul((await scratch.git([...args, '--end-of-options', target, '--'])).stdout),
  )
  return Array.from({ length: Math.floor(fields.length / 7) }, (_, at) => toLineCommit(fields.slice(at * 7, at * 7 + 7)))
}

function toLineCommit(fields: readonly string[]): LineCommit {
  const [head = '', parents = '', seconds = '0', subject = '', ...trailers] = fields
  const sha = parseSha(head.trim())
  invariant(sha !== undefined, `rev-list answered ${head}`)
  // Ours is written last.
  const [landing = '', entry = '', task = ''] = trailers.map((values) => values.split('\n').at(-1) ?? '')
  return { sha, parent: parseSha(parents.split(' ')[0] ?? ''), at: Number(seconds) * 1000, subject, landing, entry, task }
}

function landingOf(id: string, run: readonly LineCommit[]): PastLanding | undefined {
  const [newest, oldest] = [run[0], run.at(-1)]
  if (newest === undefined || oldest?.parent === undefined) return undefined
  return { id, before: oldest.parent, after: newest.sha, at: newest.at, entries: entriesOf(run) }
}

function entriesOf(run: readonly LineCommit[]): LandedEntry[] {
  const entries: LandedEntry[] = []
  let previous: LineCommit | undefined
  for (const commit of run.toReversed()) {
    const { sha, parent, entry, task, subject } = commit
    const before = entry !== '' && previous?.entry === entry ? entries.pop()?.before : parent
    if (before !== undefined)
      entries.push({ before, commit: sha, ...(entry === '' ? {} : { entry }), name: task || entry || subject, subject })
    previous = commit
  }
  return entries
}
