import type { InboxItem } from '../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Surroundings } from './dialogs/surroundings.ts'

/** What a dialog sees of the board, and may do with it. */
export interface BoardView extends Surroundings {
  /** The task that the cursor is on. */
  readonly selected: TaskStatus | undefined
  /** What waits for the person about the selected task, its parts and attempts included; most urgent first. */
  readonly waiting: readonly InboxItem[]
  select(handle: string): void
  /** One line at the bottom, until the next key. Not safe for a terminal yet. */
  say(text: string): void
  /** As if the person had pressed it, after the dialog has closed. */
  press(key: string): void
  /** Ends `orch ui`. */
  end(): void
}
