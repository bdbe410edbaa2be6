import type { Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import { branchRef } from './branch-name.ts'
import { onRepository, type Place } from './place.ts'
import { isAncestor } from './history.ts'
import { resolveRef } from './refs.ts'

/** The commit that new work on `branch` starts from: the fetched upstream when it is ahead, else the local commit with the reason. */
export async function freshBase(place: Place, branch: string): Promise<{ commit: Sha; isFetched: boolean; reason?: string }> {
  const ref = branchRef(branch)
  const [local, upstream] = await Promise.all([resolveRef(place, ref), upstreamOf(place, branch, ref)])
  if (upstream === undefined) return { commit: requireBase(local, branch), isFetched: false }
  const failure = await fetchUpstream(place, upstream)
  const remote = await resolveRef(place, upstream.tracking)
  if (failure !== undefined) return { commit: requireBase(local ?? remote, branch), isFetched: false, reason: failure }
  if (local === undefined || remote === undefined) return { commit: requireBase(local ?? remote, branch), isFetched: remote !== undefined }
  if (await isAncestor(place, local, remote)) return { commit: remote, isFetched: true }
  if (await isAncestor(place, remote, local)) return { commit: local, isFetched: true }
  return { commit: local, isFetched: true, reason: `it has diverged from ${upstream.remote}; the local commits are the base` }
}

interface Upstream {
  readonly remote: string
  /** The branch's ref on the remote. */
  readonly source: string
  /** Where it is kept here. */
  readonly tracking: string
}

async function upstreamOf(place: Place, branch: string, ref: string): Promise<Upstream | undefined> {
  const remotes = await listRemotes(place)
  if (remotes.length === 0) return undefined
  const listed = await onRepository(place, ['for-each-ref', '--format=%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)', ref])
  const [remote = '', source = '', tracking = ''] = listed.stdout.toString('utf8').replace(/\n$/, '').split('\0')
  if (remotes.includes(remote) && source.startsWith('refs/') && tracking.startsWith('refs/remotes/')) return { remote, source, tracking }
  const fallback = remotes.includes('origin') ? 'origin' : remotes[0]
  return fallback === undefined ? undefined : { remote: fallback, source: ref, tracking: `refs/remotes/${fallback}/${branch}` }
}

export async function listRemotes(place: Place): Promise<string[]> {
  return (await onRepository(place, ['remote'])).stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('-'))
}

/** The reason it could not be fetched, or undefined. A remote that does not have the branch is such a reason. */
async function fetchUpstream(place: Place, upstream: Upstream): Promise<string | undefined> {
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-gc']
  try {
    await onRepository(place, ['fetch', ...quiet, '--end-of-options', upstream.remote, `+${upstream.source}:${upstream.tracking}`], {
      timeoutMs: 60_000,
      env: STALLED,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const stderr = error.facts.stderr
    return `${upstream.remote} could not be fetched: ${typeof stderr === 'string' ? stderr.trim().split('\n')[0] : error.message}`
  }
}

/** A server that takes the connection and says nothing is given up after this, not at the end of the whole time. */
const STALLED = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '5' }

function requireBase(commit: Sha | undefined, branch: string): Sha {
  if (commit !== undefined) return commit
  throw new Failure('unborn', `${branch} has no commit yet`, {
    facts: { branch },
    next: `Make a first commit on ${branch}, then try again.`,
  })
}
