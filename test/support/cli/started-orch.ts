import { spawn } from 'node:child_process'
import type { Ended } from '../orch.ts'
import { orchProgram } from '../orch.ts'
import { until } from '../eventually.ts'

/** Where `orch` runs and with what around it; a FleetScene is one. */
interface Place {
  readonly repository: string
  readonly environment: Readonly<Record<string, string>>
}

export interface StartedOrch {
  readonly ended: Promise<Ended>
  /** Waits until stdout or stderr holds the words. */
  says(words: string): Promise<void>
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void
  /** Keys, for one on a terminal. */
  types(keys: string): void
}

/** The built `orch` while it runs: for commands that follow until they are interrupted. */
export function startOrch(place: Place, args: readonly string[]): StartedOrch {
  return started(place, process.execPath, [orchProgram, ...args])
}

/** The same on a terminal of 120 columns, whose output is all on stdout. */
export function startInTerminal(place: Place, args: readonly string[]): StartedOrch {
  const words = [process.execPath, orchProgram, ...args].map((word) => `'${word}'`).join(' ')
  const line = `stty cols 120 rows 30; ${words}`
  return started(place, 'script', process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', line] : ['-qec', line, '/dev/null'])
}

function started({ repository, environment }: Place, program: string, args: readonly string[]): StartedOrch {
  const child = spawn(program, args, { cwd: repository, env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}) // it has ended already
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const ended = new Promise<Ended>((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) => settle({ code, ...output }))
  })
  return {
    ended,
    says: async (words) => {
      await until(() => (output.stdout + output.stderr).includes(words), { what: `orch says "${words}"`, deadlineMs: 60_000 }).catch(
        (cause: unknown) => {
          throw new Error(`orch did not say "${words}":\n${output.stdout}${output.stderr}`, { cause })
        },
      )
    },
    signal: (name) => void child.kill(name),
    types: (keys) => void child.stdin.write(keys),
  }
}
