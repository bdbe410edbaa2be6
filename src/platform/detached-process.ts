import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionExit } from '../domain/sessions/session-event.ts'
import { Failure } from '../foundation/failure.ts'
import { invariant } from '../foundation/invariant.ts'
import { withResolvers } from '../foundation/with-resolvers.ts'
import { onFolderChange } from './detached/shared-ticks.ts'
import { launchWrapper } from './detached/wrapper.ts'
import { loadReapedAt, loadWrapper } from './detached/session-folder.ts'
import type { WrapperRecord } from './detached/session-folder.ts'
import { WatchedProcess } from './detached/watched-process.ts'

/**
 * A process that outlives us. Everything known of it is its folder (0700): `in` (FIFO, its stdin), `out.jsonl`, `err.log`, `pid` (the wrapper: who won the
 * start), `agent` (the program itself), `exit` (its code), `out.times` (when lines were seen), `reaped` (nothing of it is left).
 */
export interface DetachedSpec {
  /** Absolute; made 0700. One folder is one process: a second start in it attaches. */
  readonly folder: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  /** Unique per folder; every descendant carries it as ORCH_SESSION, so that it is findable after its parents are gone. */
  readonly marker: string
}

export type DetachedState =
  | { readonly kind: 'starting' }
  /** `pid` is the agent's; `startedAt` is milliseconds since the epoch. */
  | { readonly kind: 'running'; readonly pid: number; readonly startedAt: number }
  | { readonly kind: 'exited'; readonly exit: SessionExit }

export interface DetachedProcess {
  readonly folder: string
  readonly marker: string
  /** Milliseconds since the epoch, the same after every attach. */
  readonly startedAt: number
  state(): DetachedState
  /**
   * Every whole line of `out.jsonl` from its beginning, then live, in batches. `at` is when the batch was first seen (milliseconds since the epoch);
   * it is kept beside the record, so that a later replay by any reader gets the same time for the same line.
   * Called asynchronously, never after the returned function was called. All lines are given before `onExit` is called.
   */
  readLines(onLines: (lines: readonly string[], at: number) => void): () => void
  /** Resolves when every reader has been given all that the record held at this call, and the exit of a process that had ended by then was told. */
  caughtUp(): Promise<void>
  /** Called once, asynchronously, also when the process had exited before; after every descendant is gone and every `readLines` has given its last line. `at` as above. */
  onExit(listener: (exit: SessionExit, at: number) => void): () => void
  /** One line (the line break is added). Resolves when it is in the pipe. Failure `session-gone` if nobody can read it. Waits while the process starts. */
  write(line: string): Promise<void>
  /** Ends the agent politely, then hard, then every process it started. Idempotent. Failure `session-unstoppable` if some process does not die. */
  stop(graceMs: number): Promise<void>
  /** Lets go without touching the process: no listener is called any more. */
  detach(): void
}

/** Starts the program once, or attaches. Resolves when it runs (or has run). Failure `session-not-started`. */
export async function ensureDetached(spec: DetachedSpec, now: () => number = Date.now): Promise<DetachedProcess> {
  requireSpec(spec)
  await mkdir(spec.folder, { recursive: true, mode: 0o700 })
  await chmod(spec.folder, 0o700)
  const found = loadWrapper(spec.folder) ?? (await launch(spec, now()))
  const session = new WatchedProcess(spec.folder, found, now)
  await session.started
  return session
}

/** The process of this folder, if one was ever started in it. */
export async function attachDetached(folder: string, now: () => number = Date.now): Promise<DetachedProcess | undefined> {
  const found = loadWrapper(folder)
  return found === undefined ? undefined : new WatchedProcess(folder, found, now)
}

/** Whether the process and everything that it started is known to be gone. */
export function hasEnded(folder: string): boolean {
  return loadReapedAt(folder) !== undefined
}

function requireSpec(spec: DetachedSpec): void {
  invariant(spec.folder.startsWith('/'), 'the folder of a session is an absolute path')
  invariant(/^[^\s]+$/.test(spec.marker), 'the marker of a session is one word')
  invariant(spec.argv[0] !== undefined && !spec.argv[0].startsWith('-'), 'a session needs a program')
}

/** Waits until a wrapper has won this folder, ours or that of another process that started at the same time. */
async function launch(spec: DetachedSpec, at: number): Promise<WrapperRecord> {
  const { promise: isWon, resolve } = withResolvers()
  const look = (): void => void (existsSync(join(spec.folder, 'pid')) && resolve())
  const leave = onFolderChange(spec.folder, look)
  try {
    const { ended } = await launchWrapper(spec, at)
    await Promise.race([isWon, ended])
  } finally {
    leave()
  }
  const won = loadWrapper(spec.folder)
  if (won === undefined)
    throw new Failure('session-not-started', `The session's folder ${spec.folder} cannot be written.`, { facts: { folder: spec.folder } })
  return won
}
