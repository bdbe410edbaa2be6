import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../foundation/brand.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { Repository } from '../../ports/git.ts'
import { digestOf } from '../queue/queue-files.ts'
import { ParkedSetUps } from './parked-set-ups.ts'
import { loadSetUp } from './set-up.ts'

/**
 * A slot's worktree at exactly one commit. What the set-up made stays from commit to commit as long as its line and the lock files are the
 * same; the note beside the slot that says so is taken away before a set-up begins and written when it has passed, so a crash in between is seen.
 */
export class SlotGround {
  readonly path: string
  readonly #note: string
  readonly #parked: ParkedSetUps

  constructor(slots: string, number: number) {
    this.path = join(slots, String(number))
    this.#parked = new ParkedSetUps(this.path)
    this.#note = join(slots, `${number}.json`)
  }

  async isSetUpFor(key: string): Promise<boolean> {
    return (await loadSetUp(this.#note))?.key === key || (await this.#parked.has(key))
  }

  /** Whether the set-up is still there; else the slot is clean of everything that the commit does not hold. */
  async moveTo(repository: Repository, commit: Sha, key: string): Promise<'set-up' | 'bare'> {
    const found = await loadSetUp(this.#note)
    await ensurePrivateDirectory(join(this.path, '..'))
    if (found?.key === key) {
      await repository.ensureDetachedWorktree(this.path, commit, { keep: found.kept })
      return 'set-up'
    }
    await rm(this.#note, { force: true })
    if (found !== undefined) await this.#parked.park(found)
    await repository.ensureDetachedWorktree(this.path, commit)
    await ensurePrivateDirectory(this.path)
    return (await this.#restore(repository, commit, key)) ? 'set-up' : 'bare'
  }

  /** Not when the set-up left something that is not ignored: that would go with the next commit, and the next run would miss it. */
  async noteSetUp(repository: Repository, key: string): Promise<void> {
    if ((await repository.inspectWorktree(this.path)).uncommitted.length > 0) return
    const kept = await repository.ignoredPaths(this.path)
    await replaceFile(this.#note, JSON.stringify({ key, kept }), { survives: 'kill' })
  }

  async remove(repository: Repository): Promise<void> {
    await rm(this.#note, { force: true })
    await this.#parked.removeAll()
    await repository.removeDetachedWorktree(this.path)
  }

  async #restore(repository: Repository, commit: Sha, key: string): Promise<boolean> {
    if (!(await this.#parked.has(key))) return false
    const found = await this.#parked.restore(key)
    if (found === undefined) await repository.ensureDetachedWorktree(this.path, commit)
    else await replaceFile(this.#note, JSON.stringify(found), { survives: 'kill' })
    return found !== undefined
  }
}

/** What the processes of a slot are known by, whichever daemon started them. */
export function markerOf(path: string): string {
  return `slot.${digestOf(path).slice(0, 24)}`
}
