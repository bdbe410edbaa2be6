import { Failure, failureCode } from '../../../foundation/failure.ts'
import { splitNul, type GitResult } from '../git-command.ts'
import { onRepository, type Place } from '../place.ts'

/*
 * Whoever has their commits signed has those signed that land, by their own program and key. But a program named in configuration is one that
 * would be run, and every session can write the repository's: only what the user's own or the system's configuration says counts, and where
 * the repository's has a say in signing nothing is built.
 */
export type Signing =
  | { readonly kind: 'off' }
  /** `environment` names the user's program and key to a git that reads no configuration. */
  | { readonly kind: 'on'; readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly setting: string }

export async function signingOf(place: Place): Promise<Signing> {
  return judge(await loadSettings(place))
}

function judge(settings: readonly Setting[]): Signing {
  const [own, local] = [settings.filter(({ isOwn }) => isOwn), settings.filter(({ isOwn }) => !isOwn)]
  const isWanted = isOn(own) || isOn(local)
  const [foreign] = local
  if (!isWanted) return { kind: 'off' }
  if (foreign !== undefined) return { kind: 'refused', setting: foreign.name }
  const named = own.filter(({ name }) => name !== 'commit.gpgsign')
  const numbered = named.flatMap(({ name, value }, at) => [
    [`GIT_CONFIG_KEY_${at}`, name] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ])
  return { kind: 'on', environment: { GIT_CONFIG_COUNT: String(named.length), ...Object.fromEntries(numbered) } }
}

/** Failure `signing-refused`. */
export async function requireSigning(place: Place): Promise<Exclude<Signing, { kind: 'refused' }>> {
  const signing = await signingOf(place)
  if (signing.kind !== 'refused') return signing
  throw new Failure('signing-refused', `${place.root} has ${signing.setting} in its own configuration, which every session can write`, {
    facts: { setting: signing.setting },
    safe: 'no commit was made, and nothing was run to sign one',
    next: `say in your own configuration whether and how to sign (git config --global), then git config --unset ${signing.setting}`,
  })
}

/** Failure `signing-failed`. A program that asks a question gets no answer, and half a minute. */
export async function runSigned(commit: (timeoutMs: number) => Promise<GitResult>): Promise<GitResult> {
  try {
    return await commit(30_000)
  } catch (error) {
    const code = failureCode(error)
    if (!(error instanceof Failure) || (code !== 'git-failed' && code !== 'git-timeout')) throw error
    const said = typeof error.facts.stderr === 'string' ? error.facts.stderr.trim() : 'it took longer than 30 seconds'
    throw new Failure('signing-failed', `Your commits are to be signed, and that failed: ${said}`, {
      cause: error,
      safe: 'nothing has landed',
      next: 'see that git commit -S works without a question (an agent holds the key), or git config --global commit.gpgSign false',
    })
  }
}

interface Setting {
  readonly name: string
  readonly value: string
  /** Of the user or the system, not of the repository. */
  readonly isOwn: boolean
}

const PATTERN =
  '^(commit\\.gpgsign|user\\.signingkey|gpg\\.(format|program)|gpg\\.(openpgp|x509|ssh)\\.program|gpg\\.ssh\\.defaultkeycommand)$'

async function loadSettings(place: Place): Promise<readonly Setting[]> {
  const args = ['config', '--includes', '--show-scope', '-z', '--get-regexp', PATTERN]
  const fields = splitNul((await onRepository(place, args, { accept: [1] })).stdout)
  const settings: Setting[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const entry = fields[at + 1] ?? ''
    const end = entry.indexOf('\n')
    const [name, value] = end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)]
    settings.push({ name, value, isOwn: fields[at] === 'global' || fields[at] === 'system' })
  }
  return settings
}

/** As git reads a boolean; the last one counts. */
function isOn(settings: readonly Setting[]): boolean {
  const value = settings.findLast(({ name }) => name === 'commit.gpgsign')?.value
  return value !== undefined && !/^(false|no|off|0|)$/i.test(value.trim())
}
