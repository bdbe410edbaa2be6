import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { Failure } from '../foundation/failure.ts'
import { BoundedOutput } from './bounded-output.ts'
import { reapMarked } from './environments/marked-processes.ts'

export interface CommandSpec {
  readonly argv: readonly string[]
  readonly cwd: string
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  /** Between the polite and the hard end; 2 s unless given. */
  readonly graceMs?: number
  readonly stdin?: string | Uint8Array
  /** Kept of each stream, beginning and end; 1 MiB unless given. */
  readonly maxOutputBytes?: number
  /** Kept of stderr, where that is to be less. */
  readonly maxErrorBytes?: number
  /** Everything of both streams is appended here as it comes (0600). */
  readonly outputFile?: string
  /** What is written there at most; without limit unless given. */
  readonly maxFileBytes?: number
  readonly signal?: AbortSignal
  /**
   * Value of ORCH_SESSION for the command and all it starts. Given, everything that carries it is ended with the command, which costs a look through
   * all processes; else that is done only when the command had to be ended or left its output open.
   */
  readonly marker?: string
}

export type CommandResult = CommandEnd & {
  /** Decoded; where something was cut it says so in between. */
  readonly stdout: string
  readonly stderr: string
  /** What was kept of stdout as it came, for output that is no text. */
  readonly stdoutBytes: Buffer
  /** Of stdout. */
  readonly cutBytes: number
  readonly durationMs: number
}

export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-found'; readonly program: string }

/** Runs a program to its end; nothing of its process group is left. Failure `command-not-started` when the machine refuses to start it. */
export async function runCommand(spec: CommandSpec): Promise<CommandResult> {
  const startedAt = performance.now()
  const limit = spec.maxOutputBytes ?? 1 << 20
  const [stdout, stderr] = [new BoundedOutput(limit), new BoundedOutput(spec.maxErrorBytes ?? limit)]
  const end: CommandEnd = spec.signal?.aborted === true ? { kind: 'aborted' } : await run(spec, stdout, stderr)
  const [{ text, bytes, cutBytes }, err] = [stdout.take(), stderr.take()]
  return { ...end, stdout: text, stderr: err.text, stdoutBytes: bytes, cutBytes, durationMs: performance.now() - startedAt }
}

/** The argv for a command line that the user wrote in their configuration. Never for text of an agent. */
export function shellCommand(line: string): readonly string[] {
  return ['/bin/sh', '-c', line]
}

async function run(spec: CommandSpec, stdout: BoundedOutput, stderr: BoundedOutput): Promise<CommandEnd> {
  const marker = spec.marker ?? `command-${randomUUID()}`
  const copy = openCopy(spec.outputFile, spec.maxFileBytes)
  try {
    const child = start(spec, marker)
    child.stdout?.on('data', (chunk: Buffer) => (stdout.push(chunk), copy.write(chunk)))
    child.stderr?.on('data', (chunk: Buffer) => (stderr.push(chunk), copy.write(chunk)))
    return await follow(child, spec, marker)
  } finally {
    copy.close()
  }
}

function start(spec: CommandSpec, marker: string): ChildProcess {
  const [program = '', ...argv] = spec.argv
  try {
    const stdin = spec.stdin === undefined ? 'ignore' : 'pipe'
    const child = spawn(program, argv, {
      cwd: spec.cwd,
      env: { ...spec.environment, ORCH_SESSION: marker },
      detached: true,
      stdio: [stdin, 'pipe', 'pipe'],
    })
    child.stdin?.on('error', () => {}) // A program need not read what it is given.
    child.stdin?.end(spec.stdin)
    return child
  } catch (cause) {
    throw notStarted(spec, cause)
  }
}

async function follow(child: ChildProcess, spec: CommandSpec, marker: string): Promise<CommandEnd> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const exited = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', (cause) =>
      isMissing(cause, spec) ? resolve({ kind: 'not-found', program: spec.argv[0] ?? '' }) : reject(notStarted(spec, cause)),
    )
    child.once('exit', (code, signal) => resolve(signal === null ? { kind: 'exited', code: code ?? -1 } : { kind: 'signalled', signal }))
  })
  const ending = watchForEnd(child, spec)
  const end = await exited.finally(() => ending.cancel())
  if (child.pid === undefined) return end
  await endRest(child, closed, marker, spec.marker !== undefined || ending.reason() !== undefined)
  return ending.reason() ?? end
}

/** The first reason to end the command is the one that is told. */
function watchForEnd(child: ChildProcess, spec: CommandSpec): { reason(): CommandEnd | undefined; cancel(): void } {
  let reason: CommandEnd | undefined
  let hardEnd: NodeJS.Timeout | undefined
  const end = (why: CommandEnd): void => {
    reason ??= why
    signalGroup(child, 'SIGTERM')
    hardEnd ??= setTimeout(() => signalGroup(child, 'SIGKILL'), spec.graceMs ?? 2000)
  }
  const onAbort = (): void => end({ kind: 'aborted' })
  const timeout = setTimeout(() => end({ kind: 'timed-out' }), spec.timeoutMs)
  spec.signal?.addEventListener('abort', onAbort, { once: true })
  const cancel = (): void => {
    clearTimeout(timeout)
    clearTimeout(hardEnd)
    spec.signal?.removeEventListener('abort', onAbort)
  }
  return { reason: () => reason, cancel }
}

/** What the command left running would hold its output open, or write into a worktree that is believed to be quiet. */
async function endRest(child: ChildProcess, closed: Promise<void>, marker: string, isThorough: boolean): Promise<void> {
  signalGroup(child, 'SIGKILL')
  if (isThorough || !(await within(closed, 200))) await reapMarked(marker)
  if (await within(closed, 1000)) return
  child.stdout?.destroy()
  child.stderr?.destroy()
}

async function within(event: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)))
  return Promise.race([event.then(() => true), late]).finally(() => clearTimeout(timer))
}

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}

function isMissing(cause: NodeJS.ErrnoException, spec: CommandSpec): boolean {
  return cause.code === 'ENOENT' && statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory() === true
}

function notStarted(spec: CommandSpec, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Failure('command-not-started', `${spec.argv[0] ?? ''} could not be started in ${spec.cwd}: ${why}`, {
    facts: { cwd: spec.cwd, program: spec.argv[0] },
    cause,
  })
}

/** Written at once, so that the file is complete when the command is over and a slow disk slows the command, not our memory. */
function openCopy(path: string | undefined, maxBytes = Infinity): { write(chunk: Buffer): void; close(): void } {
  if (path === undefined) return { write: () => {}, close: () => {} }
  let fd: number | undefined = openSync(path, 'a', 0o600)
  let left = maxBytes
  const close = (): void => {
    if (fd !== undefined) closeSync(fd)
    fd = undefined
  }
  const write = (chunk: Buffer): void => {
    try {
      const kept = chunk.length > left ? chunk.subarray(0, left) : chunk
      if (fd !== undefined) for (let at = 0; at < kept.length;) at += writeSync(fd, kept, at)
      left -= kept.length
    } catch {
      close() // A full disk must not fail the command; its result still has beginning and end.
    }
  }
  return { write, close }
}
