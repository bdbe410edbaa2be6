import type { FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { watchFolder } from '../../platform/detached/shared-ticks.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Delivery } from './delivery.ts'
import type { InboxCopies } from './inbox-copies.ts'

/** Sees what is filed as read in the worktrees: for whoever reads only files that is the receipt. */
export class Inboxes {
  readonly #copies: InboxCopies
  readonly #delivery: Delivery
  readonly #logError: (error: unknown) => void
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(copies: InboxCopies, delivery: Delivery, logError: (error: unknown) => void) {
    this.#copies = copies
    this.#delivery = delivery
    this.#logError = logError
  }

  follow(input: TaskInput): void {
    this.unfollow(input.handle)
    const watcher = watchFolder(join(input.worktree, '.orch', 'inbox', 'cur'), () => void this.look(input))
    if (watcher !== undefined) this.#watchers.set(input.handle, watcher)
    void this.#delivery.leaveCopies(input.handle, input.worktree).catch(this.#logError)
    void this.look(input)
  }

  unfollow(handle: string): void {
    this.#watchers.get(handle)?.close()
    this.#watchers.delete(handle)
  }

  async look(input: TaskInput): Promise<void> {
    if (!this.#delivery.hasOpen(input.handle)) return
    await this.#copies
      .filed(input.worktree)
      .then((ids) => this.#delivery.noteFiled(input.handle, ids))
      .catch(this.#logError)
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}
