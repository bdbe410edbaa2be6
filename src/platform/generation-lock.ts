import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { Failure } from '../foundation/failure.ts'
import type { Clock } from './clock.ts'
import { isErrno } from './errno.ts'
import { replaceFile } from './files.ts'
import { uuid } from './ids.ts'
import { identityOf, isSameProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/**
 * A lock between processes of one machine that a killed holder cannot leave behind.
 *
 * The highest `lock.<N>` in the folder is the owner; its file names the process. Who finds that owner dead or
 * released links a fully written file to `lock.<N+1>`, which only one can. Three rules keep a contender that slept
 * between looking and linking from winning with stale knowledge:
 * - the highest file is never removed, so `N` only grows, and `lock.1` is never removed, so that an
 *   empty folder is seen only once;
 * - after linking, the file that was judged must still be there, byte for byte (each one holds a token of its own);
 * - and no higher one may have appeared.
 * A loser removes its own file, which by then is a lower one. A release only marks the own file.
 *
 * Synchronous where it can be: some twenty touches of tiny files, each of which costs ten times as much by way of the thread pool.
 */
export interface GenerationLock {
  /** Grows with every owner: a fencing token. */
  readonly generation: number
  /** Idempotent. */
  release(): Promise<void>
}

export type LockAttempt =
  | { readonly kind: 'acquired'; readonly lock: GenerationLock }
  /** `owner` is undefined when somebody else was faster a moment ago. */
  | { readonly kind: 'busy'; readonly owner: ProcessIdentity | undefined }

export async function tryAcquire(folder: string): Promise<LockAttempt> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const last = latest(folder)
  const owner = last === undefined ? undefined : await liveOwner(last.text)
  if (owner !== undefined) return { kind: 'busy', owner }
  const claim: Claim = { v: 1, token: uuid(), ...(await ownIdentity()) }
  const generation = (last?.generation ?? 0) + 1
  if (!place(folder, claim, generation)) return { kind: 'busy', owner: undefined }
  if (!isStillNext(folder, last, generation)) {
    rmSync(lockPath(folder, generation), { force: true })
    return { kind: 'busy', owner: undefined }
  }
  await sweep(folder, generation)
  return { kind: 'acquired', lock: lockOf(folder, claim, generation) }
}

/** Who has the lock now. Only looks; `left` by a process that is gone is free for the next one. */
export async function lockState(folder: string): Promise<{ kind: 'free' } | { kind: 'held' | 'left'; pid: number }> {
  const claim = parseClaim(look(folder)?.text ?? '')
  if (claim === undefined || claim.isReleased === true) return { kind: 'free' }
  return { kind: (await isSameProcess(claim)) === 'dead' ? 'left' : 'held', pid: claim.pid }
}

function look(folder: string): { text: string } | undefined {
  try {
    return latest(folder)
  } catch {
    return undefined
  }
}

export interface Patience {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Waits for the lock; a Failure `lock-timeout` when it was not free for `timeoutMs`. */
export async function acquire(folder: string, patience: Patience): Promise<GenerationLock> {
  const { clock, timeoutMs, signal } = patience
  const deadline = clock.now() + timeoutMs
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted()
    const attempt = await tryAcquire(folder)
    if (attempt.kind === 'acquired') return attempt.lock
    if (clock.now() >= deadline) throw lockTimeout(folder, attempt.owner, timeoutMs)
    await clock.wait(Math.min(backoffMs(tries), Math.max(1, deadline - clock.now())), signal)
  }
}

interface Claim extends ProcessIdentity {
  readonly v: 1
  readonly token: string
  readonly isReleased?: boolean
}

const claimSchema = v.object({
  v: v.literal(1),
  token: v.string(),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  startTime: v.string(),
  bootId: v.string(),
  isReleased: v.exactOptional(v.boolean()),
})

function latest(folder: string): { generation: number; text: string } | undefined {
  for (;;) {
    const generation = Math.max(0, ...generations(folder))
    if (generation === 0) return undefined
    const text = loadText(lockPath(folder, generation))
    if (text !== undefined) return { generation, text } // else a new owner removed it between the two looks
  }
}

function generations(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => (/^lock\.[1-9]\d{0,14}$/.test(name) ? [Number(name.slice('lock.'.length))] : []))
}

/** A file that cannot be read as a claim is no live owner's: theirs are complete before they get their name. */
async function liveOwner(text: string): Promise<ProcessIdentity | undefined> {
  const claim = parseClaim(text)
  if (claim === undefined || claim.isReleased === true) return undefined
  return (await isSameProcess(claim)) === 'dead' ? undefined : { pid: claim.pid, startTime: claim.startTime, bootId: claim.bootId }
}

function parseClaim(text: string): Claim | undefined {
  try {
    const parsed = v.safeParse(claimSchema, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

let self: Promise<ProcessIdentity | undefined> | undefined

async function ownIdentity(): Promise<ProcessIdentity> {
  const identity = await (self ??= identityOf(process.pid))
  if (identity !== undefined) return identity
  self = undefined
  throw new Failure('no-process-identity', 'This machine does not tell when a process was started', {
    facts: { pid: process.pid },
    next: 'Check that /proc is mounted (Linux) or that `ps` works (macOS).',
  })
}

function place(folder: string, claim: Claim, generation: number): boolean {
  const written = join(folder, `claim.${claim.token}`)
  try {
    writeFileSync(written, JSON.stringify(claim), { flag: 'wx', mode: 0o600 })
    linkSync(written, lockPath(folder, generation))
    return true
  } catch (error) {
    // ENOENT: an owner's sweep took our half-written claim for a dead one's.
    if (isErrno(error, 'EEXIST', 'ENOENT')) return false
    throw error
  } finally {
    rmSync(written, { force: true })
  }
}

function isStillNext(folder: string, judged: { generation: number; text: string } | undefined, generation: number): boolean {
  if (judged !== undefined && loadText(lockPath(folder, judged.generation)) !== judged.text) return false
  return Math.max(...generations(folder)) === generation
}

/** Lowest first: while a file is there, its successor was never removed. */
async function sweep(folder: string, generation: number): Promise<void> {
  const lower = generations(folder).filter((other) => other > 1 && other < generation)
  for (const other of lower.sort((a, b) => a - b)) rmSync(lockPath(folder, other), { force: true })
  const claims = readdirSync(folder).filter((name) => name.startsWith('claim.'))
  for (const name of claims) {
    const text = loadText(join(folder, name))
    if (text !== undefined && (await liveOwner(text)) === undefined) rmSync(join(folder, name), { force: true })
  }
}

function lockOf(folder: string, claim: Claim, generation: number): GenerationLock {
  let released: Promise<void> | undefined
  const mark: Claim = { ...claim, isReleased: true }
  return {
    generation,
    // While this process lives nobody passes its generation, so the name is still ours to replace. After a power loss no owner lives.
    release: () => (released ??= replaceFile(lockPath(folder, generation), JSON.stringify(mark), { survives: 'kill' })),
  }
}

function loadText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `lock.${generation}`)
}

/** Grows from about 2 ms to about 50 ms; the jitter keeps contenders from moving in step. */
function backoffMs(tries: number): number {
  return Math.min(50, 2 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random())
}

function lockTimeout(folder: string, owner: ProcessIdentity | undefined, timeoutMs: number): Failure {
  const who = owner === undefined ? 'other processes' : `process ${owner.pid}`
  return new Failure('lock-timeout', `The lock ${folder} was held by ${who} for ${Math.ceil(timeoutMs / 1000)} s`, {
    facts: { folder, pid: owner?.pid },
    safe: 'Nothing was changed.',
    next: owner === undefined ? 'Try again.' : `Try again, or look at what process ${owner.pid} is doing.`,
  })
}
