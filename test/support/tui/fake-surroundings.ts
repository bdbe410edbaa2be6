import { Failure } from '../../../src/foundation/failure.ts'
import type { InboxItem } from '../../../src/domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../../src/protocol/task-status.ts'
import type { BoardDesk, Fleet, Said } from '../../../src/tui/board/desk.ts'
import { Drafts } from '../../../src/tui/board/dialogs/drafts.ts'
import type { Dialog } from '../../../src/tui/board/dialogs/dialog.ts'
import { Errands } from '../../../src/tui/board/dialogs/errands.ts'
import type { Surroundings } from '../../../src/tui/board/dialogs/surroundings.ts'
import { textOf } from '../../../src/tui/text/line.ts'

const NOW = Date.parse('2026-01-02T10:05:00.000Z')

/** A board whose desk answers as the test says; what it is asked for is kept. */
export class FakeSurroundings implements Surroundings {
  readonly asked: (readonly string[])[] = []
  /** Drafts as they are stored. */
  kept: Readonly<Record<string, string>> = {}
  readonly drafts = new Drafts({}, (texts) => (this.kept = texts))
  readonly errands: Errands
  readonly desk: BoardDesk
  fleet: Fleet
  /** How the next commands are answered, in their order; then `done`. */
  readonly answers: (Said | Promise<Said>)[] = []
  readonly #listeners = new Set<() => void>()

  constructor(tasks: readonly TaskStatus[], desk: Partial<BoardDesk> = {}) {
    this.fleet = { tasks, inbox: [] }
    const missing = (): Promise<never> => Promise.reject(new Failure('unreachable', 'nobody answers', { safe: 'all', next: 'orch doctor' }))
    this.desk = {
      now: () => NOW,
      follow: () => () => {},
      followSession: () => () => {},
      look: () => {},
      run: async (argv) => {
        this.asked.push(argv)
        return this.answers.shift() ?? { isDone: true, lines: ['done'] }
      },
      handOver: async (argv) => {
        this.asked.push(['hand over', ...argv])
        return { isDone: true, lines: [] }
      },
      complete: async () => [],
      changes: missing,
      outlook: missing,
      queue: missing,
      explain: (error) => [error instanceof Error ? error.message : String(error)],
      ...desk,
    }
    this.errands = new Errands(this.desk)
  }

  show(inbox: readonly InboxItem[], tasks = this.fleet.tasks): void {
    this.fleet = { tasks, inbox }
    for (const listener of this.#listeners) listener()
  }

  onFleet(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

/** Presses keys: characters, and names in angle brackets. */
export function press(dialog: Dialog, keys: string): void {
  for (const [key] of keys.matchAll(/<[a-z-]+>|[^]/g)) dialog.press(key.length > 1 ? key.slice(1, -1) : key)
}

export function see(dialog: Dialog, columns = 80, rows = 20): string {
  return dialog
    .draw({ columns, rows })
    .map((line) => textOf(line).trimEnd())
    .join('\n')
}
