import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { Failure } from '../../foundation/failure.ts'

/*
 * The one door to the git binary. Three things are settled here and nowhere else: the environment (nothing of the caller's GIT_* that could
 * redirect a command, never ORCH_BRANCH, no prompts, the C locale), the lock timeouts measured at 50 commands at once, and that no command
 * runs a hook, an fsmonitor or a pager: these come from configuration that an agent in a linked worktree can write.
 */

export interface GitOptions {
  readonly cwd: string
  /** `--git-dir`: always given for an existing repository, so that nothing is discovered from a directory that an agent owns. */
  readonly gitDir?: string
  readonly workTree?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Exit codes other than 0 that are answers, not failures. */
  readonly accept?: readonly number[]
  readonly timeoutMs?: number
  readonly maxBytes?: number
  readonly signal?: AbortSignal
}

export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const argv = [
    ...SAFE_CONFIG.flatMap((entry) => ['-c', entry]),
    ...(options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`]),
    ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
    ...args,
  ]
  const ended = await spawnGit(argv, options)
  if (ended.reason === 'timeout') {
    throw new Failure('git-timeout', `git ${args[0]} took longer than ${options.timeoutMs ?? DEFAULT_TIMEOUT_MS} ms and was stopped`, {
      facts: { argv: args },
    })
  }
  if (ended.reason === 'too-much-output' || (ended.exitCode !== 0 && !options.accept?.includes(ended.exitCode))) {
    const why = ended.reason === 'too-much-output' ? 'its output passed the limit' : firstLine(ended.stderr)
    throw new Failure('git-failed', `git ${args[0]} failed: ${why}`, {
      facts: { argv: args, exitCode: ended.exitCode, stderr: ended.stderr },
    })
  }
  return { exitCode: ended.exitCode, stdout: ended.stdout, stderr: ended.stderr }
}

/** The whole standard output as text, without its last line end. */
export async function gitText(args: readonly string[], options: GitOptions): Promise<string> {
  return (await runGit(args, options)).stdout.toString('utf8').replace(/\n$/, '')
}

/** The fields of `-z` output. `latin1` keeps file names that are not UTF-8 byte for byte. */
export function splitNul(output: Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): string[] {
  const fields = output.toString(encoding).split('\0')
  if (fields.at(-1) === '') fields.pop()
  return fields
}

const SAFE_CONFIG = [
  'core.packedRefsTimeout=10000',
  'core.filesRefLockTimeout=5000',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'advice.detachedHead=false',
  'submodule.recurse=false',
]
const DEFAULT_TIMEOUT_MS = 120_000
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024
/** What a user may need for the network, for identity and for finding their configuration. All other GIT_* are dropped. */
const KEPT = /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|EXEC_PATH|SSL_.*|(AUTHOR|COMMITTER)_(NAME|EMAIL))$/

function environment(extra: Readonly<Record<string, string>> | undefined): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (name === 'ORCH_BRANCH' || (name.startsWith('GIT_') && !KEPT.test(name))) continue
    env[name] = value
  }
  return {
    ...env,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'false',
    ...extra,
  }
}

interface Ended extends GitResult {
  readonly reason: 'exit' | 'timeout' | 'too-much-output'
}

function spawnGit(argv: readonly string[], options: GitOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Its own process group, so that a timeout also ends what git has started (ssh, a filter).
    const child = spawn('git', argv, { cwd: options.cwd, env: environment(options.env), stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let bytes = 0
    let errBytes = 0
    let reason: Ended['reason'] = 'exit'
    const stop = (why: Ended['reason']) => {
      if (reason === 'exit') reason = why
      endGroup(child.pid)
    }
    const timer = setTimeout(() => stop('timeout'), options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    const abort = () => stop('timeout')
    options.signal?.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > (options.maxBytes ?? DEFAULT_MAX_BYTES)) stop('too-much-output')
      else out.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errBytes += chunk.length
      if (errBytes <= 64 * 1024) err.push(chunk)
    })
    const settle = () => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', abort)
    }
    child.on('error', (error) => {
      settle()
      startFailure(error, options.cwd).then(reject, reject)
    })
    child.on('close', (code) => {
      settle()
      resolve({ exitCode: code ?? 128, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8'), reason })
    })
    // git may end without having read everything: its exit code tells, not EPIPE.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** ENOENT is said of the binary and of a missing working directory alike. */
async function startFailure(error: Error, cwd: string): Promise<Failure> {
  const hasDirectory = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!hasDirectory) return new Failure('not-a-directory', `${cwd} is not a directory`, { cause: error })
  return new Failure('git-missing', 'git could not be started', {
    cause: error,
    next: 'Install git 2.38 or newer and have it on your PATH.',
  })
}

function firstLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'no message'
}
