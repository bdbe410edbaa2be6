import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSha, type Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import { isErrno } from '../../platform/errno.ts'
import { branchRef } from './branch-name.ts'
import { runGit } from './git-command.ts'
import { onRepository, zeroSha, type Place } from './place.ts'

export async function resolveCommit(place: Place, rev: string): Promise<Sha | undefined> {
  const found = await onRepository(place, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`], { accept: [1, 128] })
  return parseSha(found.stdout.toString('utf8').trim())
}

/** Where a person looks for their work. */
export const BRANCHES_AND_TAGS = ['refs/heads', 'refs/remotes', 'refs/tags']
const KEEPING = [...BRANCHES_AND_TAGS, 'refs/orch/backup', 'refs/orch/landing', 'refs/orch/stray']

/** A ref other than `besides` (short branch names or full refs) from which `commit` can be reached; `preferred` first. */
export async function keeperOf(
  place: Place,
  commit: Sha,
  besides: readonly string[],
  { spaces = KEEPING, preferred }: { readonly spaces?: readonly string[]; readonly preferred?: string } = {},
): Promise<string | undefined> {
  const excluded = new Set(besides.map((name) => (name.startsWith('refs/') ? name : `refs/heads/${name}`)))
  const found = await onRepository(place, ['for-each-ref', '--format=%(refname)', `--contains=${commit}`, ...spaces])
  const names = found.stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '' && !excluded.has(name))
  return names.find((name) => name === preferred) ?? names[0]
}

/**
 * Compare-and-swap: `expected` undefined says that the ref must not exist. Answers what was found when another was faster.
 * `gitDir` is the worktree's whose HEAD moves along, for its reflog.
 */
export async function moveRef(
  place: Place,
  ref: string,
  to: Sha,
  expected: Sha | undefined,
  reason: string,
  gitDir = place.commonDir,
): Promise<'moved' | { found: Sha | undefined }> {
  const args = ['update-ref', '--create-reflog', '-m', `orch: ${reason}`, '--end-of-options', ref, to, expected ?? zeroSha(place)]
  const move = () => runGit(args, { cwd: gitDir, gitDir, accept: [1, 128] })
  let ended = await move()
  if (ended.exitCode === 0) return 'moved'
  const found = await resolveRef(place, ref)
  if (found !== expected) return { found }
  if (await clearStaleLocks(place, ref, gitDir)) ended = await move()
  if (ended.exitCode === 0) return 'moved'
  throw new Failure('git-failed', `${ref} could not be moved: ${ended.stderr.trim()}`, {
    facts: { ref, to, expected, exitCode: ended.exitCode, stderr: ended.stderr },
  })
}

/**
 * Locks that a killed git left: git holds a ref's for milliseconds, has itself just waited 5 s for it, and would say for ever that the ref is locked.
 */
async function clearStaleLocks(place: Place, ref: string, gitDir: string): Promise<boolean> {
  let hasCleared = false
  const locks = [
    { lock: join(place.commonDir, `${ref}.lock`), afterMs: 4500 },
    { lock: join(gitDir, 'HEAD.lock'), afterMs: 4500 },
    // Packing the refs of a large repository may really take its time.
    { lock: join(place.commonDir, 'packed-refs.lock'), afterMs: 60_000 },
  ]
  for (const { lock, afterMs } of locks) {
    const stats = await stat(lock).catch(() => undefined)
    if (stats === undefined || Date.now() - stats.mtimeMs < afterMs) continue
    await rm(lock, { force: true })
    hasCleared = true
  }
  return hasCleared
}

/**
 * As git reads one, whose files say it: the loose one first, then the packed ones. A symbolic or torn ref is git's to answer. Every step of
 * every task asks for some, and a process costs a hundred times the read.
 */
export async function resolveRef(place: Place, ref: string): Promise<Sha | undefined> {
  if (!ref.startsWith('refs/') || ref.includes('..')) return askForRef(place, ref)
  const loose = await loadOwn(join(place.commonDir, ref))
  if (loose !== undefined) return parseSha(loose.toString('latin1').trimEnd()) ?? askForRef(place, ref)
  const packed = await loadOwn(join(place.commonDir, 'packed-refs'))
  const at = packed?.indexOf(` ${ref}\n`) ?? -1
  return parseSha(packed?.toString('latin1', at - zeroSha(place).length, at) ?? '')
}

/** Undefined when there is no such file, also where a part of its path is a file or all of it a folder. */
async function loadOwn(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined
    throw error
  }
}

async function askForRef(place: Place, ref: string): Promise<Sha | undefined> {
  const found = await onRepository(place, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref], { accept: [1, 128] })
  return parseSha(found.stdout.toString('utf8').trim())
}

export async function requireRef(place: Place, ref: string): Promise<Sha> {
  const commit = await resolveRef(place, ref)
  if (commit === undefined) throw new Failure('no-such-commit', `${ref} names no commit of ${place.root}`, { facts: { ref } })
  return commit
}

export async function deleteRef(place: Place, ref: string, expected: Sha): Promise<void> {
  const remove = () => onRepository(place, ['update-ref', '-d', '--end-of-options', ref, expected], { accept: [1, 128] })
  let ended = await remove()
  if (ended.exitCode === 0) return
  const found = await resolveRef(place, ref)
  if (found === undefined) return
  if (found === expected && (await clearStaleLocks(place, ref, place.commonDir))) ended = await remove()
  if (ended.exitCode === 0) return
  throw new Failure(found === expected ? 'git-failed' : 'ref-moved', `${ref} could not be deleted: ${ended.stderr.trim()}`, {
    facts: { ref, expected, found },
  })
}

export async function deleteRemoteBranch(place: Place, remote: string, branch: string, expected: Sha): Promise<'deleted' | 'absent'> {
  const ref = branchRef(branch)
  const listed = await onRepository(place, ['ls-remote', '--quiet', '--end-of-options', remote, ref], { timeoutMs: 60_000 })
  const found = parseSha(listed.stdout.toString('utf8').split('\t')[0] ?? '')
  if (found === undefined) return 'absent'
  if (found !== expected)
    throw new Failure('ref-moved', `${branch} on ${remote} has moved to ${found}`, {
      facts: { branch, remote, expected, found },
      safe: 'The remote branch was left alone.',
    })
  await onRepository(
    place,
    ['push', '--quiet', '--no-verify', `--force-with-lease=${ref}:${expected}`, '--end-of-options', remote, `:${ref}`],
    { timeoutMs: 60_000 },
  )
  return 'deleted'
}

export async function snapshotRefs(place: Place): Promise<Record<string, Sha>> {
  const listed = await onRepository(place, ['for-each-ref', '--format=%(objectname) %(refname)'])
  const refs: Record<string, Sha> = {}
  for (const line of listed.stdout.toString('utf8').split('\n')) {
    const space = line.indexOf(' ')
    const sha = parseSha(line.slice(0, space))
    const ref = line.slice(space + 1)
    if (sha !== undefined && !ref.startsWith('refs/orch/')) refs[ref] = sha
  }
  return refs
}

/** Named by the commit, so that keeping it twice is keeping it once. */
export async function keepStray(place: Place, commit: Sha): Promise<string> {
  const ref = `refs/orch/stray/${commit}`
  await onRepository(place, ['update-ref', '--end-of-options', ref, commit])
  return ref
}
