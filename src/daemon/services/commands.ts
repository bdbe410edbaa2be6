import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { availableParallelism } from 'node:os'
import { reapMarked } from '../../platform/environments/marked-processes.ts'
import { runCommand, shellCommand } from '../../platform/run-command.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { CommandOutcome, CommandRequest, Commands as CommandsPort } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { agentEnvironment } from '../sessions/session-spec.ts'
import type { Ground } from '../dependencies/ground.ts'
import type { Templates } from '../dependencies/templates.ts'
import type { Environments } from './environments.ts'
import { StartPermits } from '../sessions/start-permits.ts'

/** Runs the user's own set-up and validation lines, as many at once as there are cores; all output is kept in a file. */
export class Commands implements CommandsPort {
  readonly #home: Home
  readonly #environments: Environments
  readonly #templates: Pick<Templates, 'provide'>
  readonly #permits = new StartPermits(availableParallelism())
  readonly #running = new Map<string, Set<AbortController>>()

  constructor(home: Home, environments: Environments, templates: Pick<Templates, 'provide'>) {
    this.#home = home
    this.#environments = environments
    this.#templates = templates
  }

  /** Ends what runs for the task at this moment; what it was to find out stays open. */
  stop(handle: string): void {
    for (const running of this.#running.get(handle) ?? []) running.abort()
  }

  run(request: CommandRequest): Promise<CommandOutcome> {
    return this.#stoppable(request, (inner) => this.#run(inner))
  }

  /** Waits for another's without keeping a place at the machine. */
  setUp(request: CommandRequest): Promise<CommandOutcome> {
    return this.#stoppable(request, (inner) => this.#setUp(inner))
  }

  async #stoppable(request: CommandRequest, work: (request: CommandRequest) => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const { input } = request
    const stopped = new AbortController()
    const running = this.#running.get(input.handle) ?? new Set()
    this.#running.set(input.handle, running.add(stopped))
    try {
      return await work({ ...request, signal: AbortSignal.any([request.signal, stopped.signal]) })
    } catch (error) {
      if (!stopped.signal.aborted) throw error
      return { isPassed: false, summary: `${request.line} was stopped`, tail: '', file: '', exit: 'stopped' }
    } finally {
      running.delete(stopped)
      if (running.size === 0) this.#running.delete(input.handle)
    }
  }

  async #setUp(request: CommandRequest): Promise<CommandOutcome> {
    const ground = await this.#ground(request)
    const provided = await this.#templates.provide(
      ground,
      () => this.#run(request),
      ({ isPassed }) => isPassed,
    )
    return provided.kind === 'ran' ? provided.made : { isPassed: true, summary: provided.words, tail: '', file: ground.log, exit: 0 }
  }

  async #ground({ input, name, line, cwd, timeoutMs, signal }: CommandRequest): Promise<Ground> {
    return {
      project: input.project,
      repository: input.repository,
      path: cwd,
      line,
      share: input.settings.shareDependencies ?? [],
      environment: await this.#environmentOf(input),
      marker: markerOf(input, name),
      timeoutMs,
      log: this.#log(input, name),
      signal,
    }
  }

  /** Ends first what a daemon that died left of the same command: two at once in one folder would judge each other's files. */
  async #run(request: CommandRequest): Promise<CommandOutcome> {
    const { input, line, cwd, timeoutMs, signal } = request
    const release = await this.#permits.take(signal)
    try {
      const file = this.#log(input, request.name)
      await ensurePrivateDirectory(dirname(file))
      const marker = markerOf(input, request.name)
      await reapMarked(marker)
      const environment = await this.#environmentOf(input)
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

  async #environmentOf(input: TaskInput): Promise<Record<string, string>> {
    return agentEnvironment(input, await this.#environments.load(input.environment), this.#home)
  }

  #log({ handle }: TaskInput, name: string): string {
    return join(sessionFolder(this.#home, handle), 'commands', `${name}.log`)
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
