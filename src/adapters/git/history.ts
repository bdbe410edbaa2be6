import { join } from 'node:path'
import { parseSha, type Sha } from '../../foundation/brand.ts'
import { invariant } from '../../foundation/invariant.ts'
import type { CommitFacts } from '../../ports/git.ts'
import { splitNul } from './git-command.ts'
import { onRepository, type Place } from './place.ts'
import { exists } from './worktrees/entries.ts'

export async function isAncestor(place: Place, ancestor: Sha, descendant: Sha): Promise<boolean> {
  return (await mergeBase(place, ancestor, descendant)) === ancestor
}

export async function mergeBase(place: Place, a: Sha, b: Sha): Promise<Sha | undefined> {
  if (a === b) return a
  return kept(place, `merge-base ${[a, b].toSorted().join(' ')}`, async () => {
    const { stdout } = await onRepository(place, ['merge-base', '--end-of-options', a, b], { accept: [1] })
    return parseSha(stdout.toString().trim())
  })
}

export async function commitFacts(place: Place, commit: Sha): Promise<CommitFacts> {
  const facts = await kept(
    place,
    `facts ${commit}`,
    async () => (await listCommits(place, ['--max-count=1', '--end-of-options', commit]))[0],
  )
  invariant(facts !== undefined, `no facts of commit ${commit}`)
  return facts
}

/** Of `base..head`, newest first. */
export function commitsBetween(place: Place, base: Sha, head: Sha, limit: number): Promise<CommitFacts[]> {
  return listCommits(place, ['--topo-order', `--max-count=${limit}`, '--end-of-options', head, `^${base}`])
}

async function listCommits(place: Place, which: readonly string[]): Promise<CommitFacts[]> {
  // rev-list, not log: log.showSignature would run the configured gpg program.
  const format = '--format=%H%x00%ct%x00%an <%ae>%x00%s%x00%b%x00'
  const fields = splitNul(
    (await onRepository(place, ['rev-list', '--no-commit-header', '--encoding=UTF-8', format, ...which, '--'])).stdout,
  )
  return Array.from({ length: Math.floor(fields.length / 5) }, (_, at) => parseCommit(fields.slice(at * 5, at * 5 + 5)))
}

function parseCommit(fields: readonly string[]): CommitFacts {
  const [head = '', seconds = '0', author = '', subject = '', body = ''] = fields
  const sha = parseSha(head.trim())
  invariant(sha !== undefined, `rev-list answered ${head}`)
  return { sha, subject, at: Number(seconds) * 1000, author, body: body.trim() }
}

/**
 * What commits say of themselves and of each other never changes, and one landing asks the same several times. Except where history ends
 * early: a fetch may bring more of it.
 */
async function kept<T>(place: Place, question: string, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  if (await exists(join(place.commonDir, 'shallow'))) return ask()
  const key = `${place.commonDir}\0${question}`
  const answer = (answers.get(key) as Promise<T | undefined> | undefined) ?? ask()
  answers.delete(key)
  answers.set(key, answer)
  const [oldest] = answers.keys()
  if (answers.size > ANSWERS_AT_MOST && oldest !== undefined) answers.delete(oldest)
  const forget = (): void => void (answers.get(key) === answer && answers.delete(key))
  answer.then((found) => found === undefined && forget(), forget)
  return answer
}

const answers = new Map<string, Promise<unknown>>()
const ANSWERS_AT_MOST = 500
