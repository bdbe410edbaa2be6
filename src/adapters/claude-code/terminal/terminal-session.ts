import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import type { TerminalClient } from '../../../domain/sessions/terminal-client.ts'
import { TerminalProcess } from '../../../platform/detached/terminal-process.ts'
import { hooksFile } from '../manual/manual-arguments.ts'
import { ManualSession } from '../manual/manual-session.ts'
import { PersonsSession } from '../manual/persons-session.ts'

export interface TerminalParts {
  readonly folder: string
  readonly marker: string
  readonly client: TerminalClient
  /** What was spent in this time (milliseconds since the epoch), by the transcript; nothing where it cannot be read. */
  readonly usageBetween: (time: { readonly from: number; readonly to: number }) => Promise<readonly SessionEvent[]>
}

/** One of our sessions while a person has it in their terminal: followed through its hooks, and through its process as far as its end goes. */
export class TerminalSession extends PersonsSession {
  readonly #parts: TerminalParts
  readonly #hooks: ManualSession
  readonly #process: TerminalProcess
  #ending: Promise<void> | undefined

  constructor(parts: TerminalParts) {
    super()
    this.#parts = parts
    this.#hooks = new ManualSession(hooksFile(parts.folder))
    this.#hooks.onEvents((fresh) => this.tell(fresh.filter(isOurs)))
    this.#process = new TerminalProcess(parts.folder, parts.marker, parts.client, (exit, at, startedAt) => {
      this.#ending ??= this.#end({ type: 'exited', at, exit }, startedAt)
    })
  }

  async stop(): Promise<void> {
    await this.#process.stop()
    await this.#ending
  }

  async caughtUp(): Promise<void> {
    await this.#process.caughtUp()
    await this.#hooks.caughtUp()
    await this.#ending
  }

  override detach(): void {
    super.detach()
    this.#hooks.detach()
    this.#process.detach()
  }

  async #end(exited: SessionEvent, startedAt: number): Promise<void> {
    await this.#hooks.caughtUp()
    this.tell([...(await this.#parts.usageBetween({ from: startedAt, to: exited.at })), exited])
    this.#hooks.detach()
  }
}

/** What is asked there is answered there, and only its process knows its end: `/resume` ends a conversation, and the program goes on. */
function isOurs({ type }: SessionEvent): boolean {
  return type !== 'permission-asked' && type !== 'permission-answered' && type !== 'exited'
}
