import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder, removeFolder } from '../temporary.ts'

const platform = `claude-code-${process.platform}-${process.arch}`
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** The two supported ends: the newest Claude Code and the oldest. */
export const claudePrograms: readonly { readonly name: 'newest' | 'oldest'; readonly program: string }[] = [
  { name: 'newest', program: join(modules, '@anthropic-ai', platform, 'claude') },
  { name: 'oldest', program: join(modules, 'claude-code-oldest', 'node_modules', '@anthropic-ai', platform, 'claude') },
]

export interface ClaudeLine {
  readonly type: string
  readonly subtype?: string
  readonly [key: string]: unknown
}

/** A temporary home and git repository for real sessions; `remove` takes both away. */
export function newClaudeFolder(): { home: string; worktree: string; remove: () => void } {
  const folder = makeFolder('claude-run-')
  const [home, worktree] = [join(folder, 'home'), join(folder, 'worktree')]
  mkdirSync(home)
  execFileSync('git', ['init', '--quiet', worktree])
  return { home, worktree, remove: () => removeFolder(folder) }
}

export interface ClaudeRun {
  readonly lines: readonly ClaudeLine[]
  readonly exitCode: Promise<number | null>
  stop(): void
}

export interface ClaudeRunOptions {
  readonly program: string
  readonly home: string
  readonly worktree: string
  readonly url: string
  /** Sent one after the other, each after the result of the one before; then the input ends. */
  readonly messages: readonly string[]
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The process is stopped after this time, so that no test can hang on it. */
  readonly deadlineMs?: number
}

/** Runs the real Claude Code with streamed input against a rehearsal server. */
export function runClaude(options: ClaudeRunOptions): ClaudeRun {
  if (!existsSync(options.program)) throw new Error(`Claude Code is not installed at ${options.program}: run npm ci`)
  const args = [
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--permission-mode',
    'bypassPermissions',
    ...(options.args ?? []),
  ]
  const child = spawn(options.program, args, {
    cwd: options.worktree,
    env: { ...baseEnvironment(options), ...options.environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines: ClaudeLine[] = []
  const waiting = [...options.messages]
  const sendNext = () => {
    const content = waiting.shift()
    if (content === undefined) child.stdin.end()
    else child.stdin.write(`${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`)
  }
  let rest = ''
  child.stdin.on('error', () => undefined)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const line = JSON.parse(part) as ClaudeLine
      lines.push(line)
      if (line.type === 'result') sendNext()
    }
  })
  const bomb = AbortSignal.timeout(options.deadlineMs ?? 60_000)
  const explode = (): void => void child.kill('SIGKILL')
  bomb.addEventListener('abort', explode)
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() =>
    bomb.removeEventListener('abort', explode),
  )
  sendNext()
  return { lines, exitCode, stop: () => void child.kill('SIGKILL') }
}

function baseEnvironment({ home, url }: ClaudeRunOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-fake',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '2',
    IS_SANDBOX: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Agent',
    GIT_AUTHOR_EMAIL: 'agent@example.com',
    GIT_COMMITTER_NAME: 'Agent',
    GIT_COMMITTER_EMAIL: 'agent@example.com',
  }
}
