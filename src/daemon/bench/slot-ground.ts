import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Sha } from '../../foundation/brand.ts'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'
import type { Repository } from '../../ports/git.ts'
import { digestOf } from '../queue/queue-files.ts'

/** What a slot was last set up for, and what of it is ignored and therefore stays. */
interface SetUp {
  readonly key: string
  readonly kept: readonly string[]
}

/**
 * A slot's worktree at exactly one commit. What the set-up made stays from commit to commit as long as its line and the lock files are the
 * same; the note beside the slot that says so is taken away before a set-up begins and written when it has passed, so a crash in between is seen.
 */
export class SlotGround {
  readonly path: string
  readonly #note: string

  constructor(slots: string, number: number) {
    this.path = join(slots, String(number))
    this.#note = join(slots, `${number}.json`)
  }

  async isSetUpFor(key: string): Promise<boolean> {
    return (await this.#load())?.key === key
  }

  /** Whether the set-up is still there; else the slot is clean of everything that the commit does not hold. */
  async moveTo(repository: Repository, commit: Sha, key: string): Promise<'set-up' | 'bare'> {
    const found = await this.#load()
    await ensurePrivateDirectory(join(this.path, '..'))
    if (found?.key === key) {
      await repository.ensureDetachedWorktree(this.path, commit, { keep: found.kept })
      return 'set-up'
    }
    await rm(this.#note, { force: true })
    await repository.ensureDetachedWorktree(this.path, commit)
    await ensurePrivateDirectory(this.path)
    return 'bare'
  }

  /** Not when the set-up left something that is not ignored: that would go with the next commit, and the next run would miss it. */
  async noteSetUp(repository: Repository, key: string): Promise<void> {
    if ((await repository.inspectWorktree(this.path)).uncommitted.length > 0) return
    const kept = await repository.ignoredPaths(this.path)
    await replaceFile(this.#note, JSON.stringify({ key, kept }), { survives: 'kill' })
  }

  async remove(repository: Repository): Promise<void> {
    await rm(this.#note, { force: true })
    await repository.removeDetachedWorktree(this.path)
  }

  async #load(): Promise<SetUp | undefined> {
    try {
      return v.parse(Note, JSON.parse((await loadText(this.#note)) ?? ''))
    } catch {
      return undefined
    }
  }
}

const Note = v.object({ key: v.string(), kept: v.array(v.string()) })

/** What the processes of a slot are known by, whichever daemon started them. */
export function markerOf(path: string): string {
  return `slot.${digestOf(path).slice(0, 24)}`
}
