import { onRepository, type Place } from './place.ts'

/** The user's own identity as git would use it for a commit; orch's when none is configured (git's guess from the host name is not one). */
export async function identityEnvironment(place: Place, at?: number): Promise<Record<string, string>> {
  const { author, committer } = await identities(place)
  const date =
    at === undefined ? {} : { GIT_AUTHOR_DATE: `@${Math.floor(at / 1000)} +0000`, GIT_COMMITTER_DATE: `@${Math.floor(at / 1000)} +0000` }
  const [by, with_] = [author ?? FALLBACK, committer ?? author ?? FALLBACK]
  return { GIT_AUTHOR_NAME: by.name, GIT_AUTHOR_EMAIL: by.email, GIT_COMMITTER_NAME: with_.name, GIT_COMMITTER_EMAIL: with_.email, ...date }
}

export async function hasIdentity(place: Place): Promise<boolean> {
  return (await identOf(place, 'GIT_COMMITTER_IDENT')) !== undefined
}

/** Landings come in bursts; a change of the user's own settings may be seen a little later. */
const KEPT_MS = 5_000
const asked = new Map<string, { readonly until: number; readonly found: Promise<Identities> }>()

function identities(place: Place): Promise<Identities> {
  const kept = asked.get(place.commonDir)
  if (kept !== undefined && performance.now() < kept.until) return kept.found
  const found = Promise.all([identOf(place, 'GIT_AUTHOR_IDENT'), identOf(place, 'GIT_COMMITTER_IDENT')]).then(([author, committer]) => ({
    author,
    committer,
  }))
  asked.set(place.commonDir, { until: performance.now() + KEPT_MS, found })
  found.catch(() => asked.delete(place.commonDir))
  return found
}

interface Identity {
  readonly name: string
  readonly email: string
}

interface Identities {
  readonly author: Identity | undefined
  readonly committer: Identity | undefined
}

const FALLBACK = { name: 'orch', email: 'orch@localhost' }

async function identOf(place: Place, variable: string): Promise<Identity | undefined> {
  const found = await onRepository(place, ['-c', 'user.useConfigOnly=true', 'var', variable], { accept: [1, 128] })
  const [, name, email] = /^(.*) <(.*)> \d+ [+-]\d{4}\n?$/.exec(found.stdout.toString('utf8')) ?? []
  return found.exitCode === 0 && name !== undefined && email !== undefined ? { name, email } : undefined
}
