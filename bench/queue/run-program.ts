import { spawn } from 'node:child_process'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface ProgramOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly deadlineMs?: number
}

/** To its end, or to the deadline, after which it and all that it started are gone (code null). */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<Ended> {
  const startedAt = performance.now()
  const { cwd, environment = plainEnvironment(), input = '', deadlineMs = 600_000 } = options
  const child = spawn(program, args, { cwd, env: environment, stdio: 'pipe', detached: true })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => {}).end(input)
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8')
  return new Promise((settle, reject) => {
    const deadline = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), deadlineMs)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(deadline)
      settle({ code, stdout: text(out), stderr: text(err), ms: performance.now() - startedAt })
    })
  })
}

const person = { NAME: 'Bench', EMAIL: 'bench@example.invalid' }

/** Nothing of the person who runs the bench but where programs are. */
export function plainEnvironment(): Record<string, string> {
  const kept = Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TMPDIR'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
  return {
    ...kept,
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  }
}
