import { link, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PermissionDecision, PermissionRequest, SessionEvent } from '../../domain/sessions/session-event.ts'
import type { DetachedProcess } from '../../platform/detached-process.ts'
import type { AgentSession, SessionMessage } from '../../ports/agent.ts'
import type { CommandInput } from './command-line.ts'
import { CommandRecord } from './command-record.ts'

/** The name of the first message's file in the session's folder. */
export const promptFile = 'prompt.md'

/** One running (or ended) program. Its state is its record; this object only reads along. */
export class CommandSession implements AgentSession {
  readonly #program: DetachedProcess
  readonly #graceMs: number
  readonly #record = new CommandRecord()
  readonly #events: SessionEvent[] = []
  readonly #listeners = new Set<(fresh: readonly SessionEvent[]) => void>()

  constructor(program: DetachedProcess, graceMs: number) {
    this.#program = program
    this.#graceMs = graceMs
    program.readLines((lines, at) => this.#add(lines.flatMap((line) => this.#record.read(line, at))))
    program.onExit((exit, at) => this.#add(this.#record.end(exit, at)))
  }

  get events(): readonly SessionEvent[] {
    return this.#events
  }

  onEvents(listener: (fresh: readonly SessionEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async send(message: SessionMessage): Promise<void> {
    await this.#program.caughtUp()
    if (this.#record.hasReceived(message.id)) return
    const line = render({ type: 'message', ...message })
    if (this.#record.hasBegun) return this.#program.write(line)
    await this.#ensurePrompt(message.text)
    // One write: a crash between the two would leave a program that has begun and waits for its message.
    await this.#program.write(`${render({ type: 'begin', id: message.id })}\n${line}`)
  }

  async answer(request: PermissionRequest, decision: PermissionDecision): Promise<void> {
    const { kind, ...more } = decision
    await this.#program.write(render({ type: 'permission-answer', id: request.id, decision: kind, ...more }))
  }

  /** Before its first message the program does not run yet, and there is nothing to interrupt. */
  async interrupt(): Promise<void> {
    await this.#program.caughtUp()
    if (this.#record.hasBegun) await this.#program.write(render({ type: 'interrupt' }))
  }

  async stop(): Promise<void> {
    await this.#program.stop(this.#graceMs)
  }

  async caughtUp(): Promise<void> {
    await this.#program.caughtUp()
  }

  detach(): void {
    this.#listeners.clear()
    this.#program.detach()
  }

  #add(fresh: readonly SessionEvent[]): void {
    if (fresh.length === 0) return
    this.#events.push(...fresh)
    for (const listener of this.#listeners) listener(fresh)
  }

  /** The first message stays: the program may have read the file already. */
  async #ensurePrompt(text: string): Promise<void> {
    const path = join(this.#program.folder, promptFile)
    const temporary = `${path}.${process.pid}.tmp`
    await writeFile(temporary, text, { mode: 0o600 })
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(temporary, { force: true })
  }
}

function render(input: CommandInput): string {
  return JSON.stringify(input)
}
