import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PermissionDecision, PermissionRequest, SessionEvent } from '../../domain/sessions/session-event.ts'
import { Failure, failureCode } from '../../foundation/failure.ts'
import type { DetachedProcess } from '../../platform/detached-process.ts'
import type { AgentSession, SessionMessage } from '../../ports/agent.ts'
import { answerLine, interruptLine, messageLine } from './message-line.ts'
import { RecordParser } from './record/parse-line.ts'

const graceMs = 5000

/** One detached Claude Code, seen through its record. A second reader of the same folder sees the same. */
export class ClaudeSession implements AgentSession {
  readonly #process: DetachedProcess
  readonly #worktree: string
  readonly #parser = new RecordParser()
  readonly #events: SessionEvent[] = []
  readonly #listeners = new Set<(fresh: readonly SessionEvent[]) => void>()
  readonly #answered = new Set<string>()
  #isInterrupting = false

  constructor(process: DetachedProcess, worktree: string) {
    this.#process = process
    this.#worktree = worktree
    process.readLines((lines, at) => {
      this.#take(lines.flatMap((line) => this.#parser.parse(line, at)))
      this.#endRefusedTurn()
    })
    process.onExit((exit, at) => this.#take([{ type: 'exited', at, exit }]))
  }

  get events(): readonly SessionEvent[] {
    return this.#events
  }

  onEvents(listener: (fresh: readonly SessionEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async send(message: SessionMessage): Promise<void> {
    await this.#process.write(await messageLine(message, this.#worktree))
  }

  async answer(request: PermissionRequest, decision: PermissionDecision): Promise<void> {
    // The record may not be read to its end yet, when we have just attached.
    const known = this.#parser.inputs.get(request.id) ?? (await this.#findInput(request.id))
    if (known === undefined) {
      throw new Failure('permission-unknown', 'The session never asked this.', {
        facts: { request: request.id, folder: this.#process.folder },
      })
    }
    if (!this.#answered.has(request.id)) await this.#process.write(answerLine(request.id, decision, known))
  }

  async interrupt(): Promise<void> {
    await this.#process.write(interruptLine())
  }

  async stop(): Promise<void> {
    await this.#process.stop(graceMs)
  }

  async caughtUp(): Promise<void> {
    await this.#process.caughtUp()
  }

  detach(): void {
    this.#listeners.clear()
    this.#process.detach()
  }

  #take(fresh: readonly SessionEvent[]): void {
    if (fresh.length === 0) return
    for (const event of fresh) {
      this.#events.push(event)
      if (event.type === 'permission-answered') this.#answered.add(event.requestId)
    }
    for (const listener of this.#listeners) listener(fresh)
  }

  #endRefusedTurn(): void {
    if (!this.#parser.isRefused) this.#isInterrupting = false
    else if (!this.#isInterrupting) {
      this.#isInterrupting = true
      this.interrupt().catch((error: unknown) => {
        if (failureCode(error) !== 'session-gone') throw error
      })
    }
  }

  async #findInput(requestId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const parser = new RecordParser()
    for (const line of (await readFile(join(this.#process.folder, 'out.jsonl'), 'utf8')).split('\n')) parser.parse(line, 0)
    return parser.inputs.get(requestId)
  }
}
