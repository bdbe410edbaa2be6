import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { availableParallelism } from 'node:os'
import { reapMarked } from '../../platform/marked-processes.ts'
import { runCommand, shellCommand } from '../../platform/run-command.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { CommandOutcome, CommandRequest, Commands as CommandsPort } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { agentEnvironment } from '../sessions/session-spec.ts'
import type { Environments } from './environments.ts'
import { StartPermits } from '../sessions/start-permits.ts'

/** Runs the user's own set-up and validation lines, as many at once as there are cores; all output is kept in a file. */
export class Commands implements CommandsPort {
  readonly #home: Home
  readonly #environments: Environments
  readonly #permits = new StartPermits(availableParallelism())
  readonly #running = new Map<string, Set<AbortController>>()

  constructor(home: Home, environments: Environments) {
    this.#home = home
    this.#environments = environments
  }

  /** Ends what runs for the task at this moment; what it was to find out stays open. */
  stop(handle: string): void {
    for (const running of this.#running.get(handle) ?? []) running.abort()
  }

  /** Ends first what a daemon that died left of the same command: two at once in one folder would judge each other's files. */
  async run(request: CommandRequest): Promise<CommandOutcome> {
    const { input } = request
    const stopped = new AbortController()
    const running = this.#running.get(input.handle) ?? new Set()
    this.#running.set(input.handle, running.add(stopped))
    try {
      return await this.#run({ ...request, signal: AbortSignal.any([request.signal, stopped.signal]) })
    } catch (error) {
      if (!stopped.signal.aborted) throw error
      return { isPassed: false, summary: `${request.line} was stopped`, tail: '', file: '', exit: 'stopped' }
    } finally {
      running.delete(stopped)
      if (running.size === 0) this.#running.delete(input.handle)
    }
  }

  /** Ends first what a daemon that died left of the same command: two at once in one folder would judge each other's files. */
  async #run(request: CommandRequest): Promise<CommandOutcome> {
    const { input, line, cwd, timeoutMs, signal } = request
    const release = await this.#permits.take(signal)
    try {
      const folder = join(sessionFolder(this.#home, input.handle), 'commands')
      await ensurePrivateDirectory(folder)
      const marker = markerOf(input, request.name)
      await reapMarked(marker)
      const file = join(folder, `${request.name}.log`)
      const environment = agentEnvironment(input, await this.#environments.load(input.environment), this.#home)
      const outcome = await runCommand({
        argv: shellCommand(line),
        cwd,
        environment: { ...environment, CI: environment['CI'] ?? 'true' },
        timeoutMs,
        signal,
        outputFile: file,
        marker,
      })
      return toOutcome(outcome, line, timeoutMs, file)
    } finally {
      release()
    }
  }
}

/** The worktree tells homes apart: two of them may hold tasks of one name. */
function markerOf(input: TaskInput, name: string): string {
  const place = createHash('sha256').update(input.worktree).digest('hex').slice(0, 16)
  return `${input.handle}.${name}.${place}`
}

function toOutcome(outcome: Awaited<ReturnType<typeof runCommand>>, line: string, timeoutMs: number, file: string): CommandOutcome {
  const output = `${outcome.stdout}\n${outcome.stderr}`.trim()
  const base = { tail: output.slice(-6000), file }
  switch (outcome.kind) {
    case 'exited':
      return {
        ...base,
        exit: outcome.code,
        isPassed: outcome.code === 0,
        summary: outcome.code === 0 ? `${line} passed` : `${line} ended with ${outcome.code}`,
      }
    case 'timed-out':
      return { ...base, exit: 'timeout', isPassed: false, summary: `${line} took longer than ${timeoutMs / 1000} s and was stopped` }
    case 'aborted':
      return { ...base, exit: 'stopped', isPassed: false, summary: `${line} was stopped` }
    default:
      return { ...base, exit: 1, isPassed: false, summary: `${line}: ${outcome.kind}` }
  }
}
