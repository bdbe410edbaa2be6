import type { Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { plainLine } from '../../../foundation/text.ts'
import { requireSha, splitNul, type GitResult } from '../git-command.ts'
import { identityEnvironment } from '../identity.ts'
import { onRepository, type Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'
import { runSigned, type Signing } from './signing.ts'

/** What a commit of a candidate says besides its tree. */
export interface CommitText {
  readonly message: string
  readonly trailers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A commit of a branch, as it was written there. */
export interface WrittenCommit {
  readonly sha: Sha
  readonly parents: readonly Sha[]
  readonly author: { readonly name: string; readonly email: string; /** `<seconds> <zone>` */ readonly date: string }
  readonly message: string
}

type CommitContent = CommitText & { readonly tree: Sha; readonly parents: readonly Sha[]; readonly author?: WrittenCommit['author'] }

/** By the user, unless an author is given; committed by the user, and signed where the user has their commits signed. */
export async function writeCommit(place: Place, scratch: Scratch, signing: Signing, content: CommitContent): Promise<Sha> {
  if (signing.kind !== 'on') return writeUnsigned(place, scratch, content)
  return commitTree(place, content, (args, options) =>
    runSigned((timeoutMs) =>
      scratch.git([...args.slice(0, 1), '-S', ...args.slice(1)], {
        ...options,
        timeoutMs,
        env: { ...options.env, ...signing.environment },
      }),
    ),
  )
}

/** A commit that merges need and nobody sees: a child of these parents with this tree. */
export async function writeStandIn(place: Place, scratch: Scratch, tree: Sha, parents: readonly Sha[]): Promise<Sha> {
  return writeUnsigned(place, scratch, { tree, parents, message: 'stand-in', trailers: {}, at: 0 })
}

function writeUnsigned(place: Place, scratch: Scratch, content: CommitContent): Promise<Sha> {
  return commitTree(place, content, (args, options) => scratch.git(args, options))
}

async function commitTree(
  place: Place,
  { tree, parents, author, ...text }: CommitContent,
  run: (args: readonly string[], options: { env: Record<string, string>; input: string }) => Promise<GitResult>,
): Promise<Sha> {
  const env = { ...(await identityEnvironment(place, text.at)), ...(author === undefined ? {} : authorEnvironment(author)) }
  const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree]
  return requireSha((await run(args, { env, input: renderMessage(text) })).stdout.toString('utf8'))
}

/** Those of `base..head`, oldest first. */
export async function commitsOf(place: Place, base: Sha, head: Sha): Promise<WrittenCommit[]> {
  const format = '--format=%H%x00%P%x00%an%x00%ae%x00%ad%x00%B%x00'
  const args = ['rev-list', '--no-commit-header', '--encoding=UTF-8', '--date=raw', '--reverse', '--topo-order', format]
  const fields = splitNul((await onRepository(place, [...args, '--end-of-options', head, `^${base}`, '--'])).stdout)
  const commits: WrittenCommit[] = []
  for (let at = 0; at + 5 < fields.length; at += 6) {
    const [sha = '', parents = '', name = '', email = '', date = '', message = ''] = fields.slice(at, at + 6)
    const author = { name, email, date }
    commits.push({ sha: requireSha(sha), parents: parents.split(' ').filter(Boolean).map(requireSha), author, message: message.trim() })
  }
  return commits
}

/** Names that git would refuse were written by something else than git. */
function authorEnvironment({ name, email, date }: WrittenCommit['author']): Record<string, string> {
  const isName = /[^\s\p{Cc}.,:;<>"\\']/u.test(name)
  return {
    GIT_AUTHOR_NAME: isName ? name : 'unknown',
    GIT_AUTHOR_EMAIL: email,
    ...(/^\d{1,11} [+-]\d{4}$/.test(date) ? { GIT_AUTHOR_DATE: `@${date}` } : {}),
  }
}

function renderMessage({ message, trailers }: CommitText): string {
  const lines = Object.entries(trailers).map(([key, value]) => {
    invariant(/^[A-Za-z0-9-]+$/.test(key), `${key} cannot be a trailer`)
    return `${key}: ${plainLine(value, 1000)}`
  })
  const said = withoutTrailersOfOrch(message).replaceAll('\0', '').trim()
  if (lines.length === 0) return `${said}\n`
  return `${said}${endsInTrailers(said) ? '\n' : '\n\n'}${lines.join('\n')}\n`
}

/** A session may write what it likes into its commits, but not what orch knows its landings by. */
function withoutTrailersOfOrch(message: string): string {
  return message
    .split('\n')
    .filter((line) => !/^\s*Orch-[A-Za-z-]*\s*:/i.test(line))
    .join('\n')
}

function endsInTrailers(message: string): boolean {
  const [, ...paragraphs] = message.split(/\n\s*\n/)
  const last = paragraphs.at(-1)?.split('\n') ?? []
  return last.length > 0 && last.every((line) => /^[A-Za-z0-9-]+: \S/.test(line))
}
