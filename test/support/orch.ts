import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'vitest'
import { expectNoLeftovers } from './leftovers.ts'
import { furnishHome, makeFolder, removeFolder, type TemporaryHome } from './temporary.ts'

export const orchProgram = resolve(import.meta.dirname, '../../bin/orch')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly deadlineMs?: number
}

export interface OrchFixture extends TemporaryHome {
  /** An empty folder under the home, for repositories. */
  readonly folder: string
  /** Runs the built `bin/orch` to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ended>
}

/**
 * A test with an orch of its own: temporary home, fake key. Afterwards the daemon is stopped and the test fails
 * if any process of that home is left.
 */
export const orchTest = test.extend<{ orch: OrchFixture }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the pattern to know what a fixture needs
  orch: async ({}, use) => {
    const home = furnishHome(makeFolder('orch-home-'))
    const folder = join(home.home, 'work')
    mkdirSync(folder)
    const run = (args: readonly string[], options: RunOptions = {}) => runOrch(home, args, { cwd: folder, ...options })
    try {
      await use({ ...home, folder, run })
    } finally {
      await leaveNothing(home, run)
    }
  },
})

/** Runs the built `bin/orch` to its end, with no other environment than the home's and what `options` adds. */
function runOrch(home: TemporaryHome, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runToEnd(process.execPath, [orchProgram, ...args], { ...options, environment: { ...home.environment, ...options.environment } })
}

export async function runToEnd(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, environment, input = '', deadlineMs = 60_000 } = options
  // A process group of its own, so that the deadline reaches grandchildren that hold the pipes open.
  const child = spawn(program, args, { cwd, env: environment, stdio: 'pipe', detached: true })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  // A program that does not read its input closes the pipe early.
  child.stdin.on('error', () => {}).end(input)
  const deadline = AbortSignal.timeout(deadlineMs)
  return new Promise((settle, reject) => {
    const giveUp = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      reject(new Error(`not ended within ${deadlineMs} ms: ${[program, ...args].join(' ')}\n${output.stdout}${output.stderr}`))
    }
    deadline.addEventListener('abort', giveUp)
    child.on('error', reject)
    child.on('close', (code) => {
      deadline.removeEventListener('abort', giveUp)
      settle({ code, ...output })
    })
  })
}

async function leaveNothing(home: TemporaryHome, run: OrchFixture['run']): Promise<void> {
  try {
    // No ORCH_HOME, no daemon. Whether the stop worked is judged by what is left, not by its word.
    if (existsSync(home.orchHome)) await run(['daemon', 'stop'], { deadlineMs: 20_000 }).catch(() => undefined)
    await expectNoLeftovers(home.home)
  } finally {
    removeFolder(home.home)
  }
}
