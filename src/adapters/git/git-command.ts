import { stat } from 'node:fs/promises'
import { parseSha, type Sha } from '../../foundation/brand.ts'
import { Failure, failureCode } from '../../foundation/failure.ts'
import { invariant } from '../../foundation/invariant.ts'
import { runCommand, type CommandResult } from '../../platform/run-command.ts'

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
  /** The beginning of an output that passes `maxBytes` is an answer too, of half that size. */
  readonly mayCut?: boolean
  readonly signal?: AbortSignal
}

export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
  readonly isCut: boolean
}

export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const argv = [
    'git',
    ...SAFE_CONFIG.flatMap((entry) => ['-c', entry]),
    ...(options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`]),
    ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
    ...args,
  ]
  const ended = await run(argv, options)
  if (ended.kind === 'aborted') options.signal?.throwIfAborted()
  const exitCode = ended.kind === 'exited' ? ended.code : undefined
  const isCut = ended.cutBytes > 0
  const isAnswer = exitCode === 0 || (exitCode !== undefined && options.accept?.includes(exitCode) === true)
  if (isAnswer && (!isCut || options.mayCut === true))
    return { exitCode, stdout: wholeBeginning(ended, options), stderr: ended.stderr, isCut }
  throw failureOf(args, ended, options)
}

/** Of a cut output the end was kept too, which does not follow on the beginning. */
function wholeBeginning({ stdoutBytes, cutBytes }: CommandResult, { maxBytes = DEFAULT_MAX_BYTES }: GitOptions): Buffer {
  return cutBytes === 0 ? stdoutBytes : stdoutBytes.subarray(0, Math.floor(maxBytes / 2))
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

export function requireSha(text: string): Sha {
  const sha = parseSha(text.trim())
  invariant(sha !== undefined, 'git answered something that is no object id')
  return sha
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

async function run(argv: readonly string[], { cwd, env, input, timeoutMs, maxBytes, signal }: GitOptions): Promise<CommandResult> {
  try {
    return await runCommand({
      argv,
      cwd,
      environment: environment(env),
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxOutputBytes: maxBytes ?? DEFAULT_MAX_BYTES,
      maxErrorBytes: 64 * 1024,
      ...(input !== undefined && { stdin: input }),
      ...(signal !== undefined && { signal }),
    })
  } catch (cause) {
    if (failureCode(cause) !== 'command-not-started' || (await isDirectory(cwd))) throw cause
    throw new Failure('not-a-directory', `${cwd} is not a directory`, { cause })
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** A git that a signal ended has answered nothing, whatever exit codes are answers. */
function failureOf(args: readonly string[], ended: CommandResult, { timeoutMs = DEFAULT_TIMEOUT_MS }: GitOptions): Failure {
  const facts = {
    argv: args,
    exitCode: ended.kind === 'exited' ? ended.code : undefined,
    signal: ended.kind === 'signalled' ? ended.signal : undefined,
    stderr: ended.stderr,
  }
  const failed = (why: string): Failure => new Failure('git-failed', `git ${args[0]} failed: ${why}`, { facts })
  switch (ended.kind) {
    case 'not-found':
      return new Failure('git-missing', 'git could not be started', { next: 'Install git 2.38 or newer and have it on your PATH.' })
    case 'timed-out':
      return new Failure('git-timeout', `git ${args[0]} took longer than ${timeoutMs} ms and was stopped`, { facts: { argv: args } })
    case 'signalled':
      return failed(`it was ended by ${ended.signal}`)
    default:
      return failed(ended.cutBytes > 0 ? 'its output passed the limit' : ended.stderr.trim().split('\n').at(-1) || 'no message')
  }
}
