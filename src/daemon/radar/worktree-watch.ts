import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Sign } from '../../domain/radar/attention.ts'
import { watchFolder } from '../../platform/detached/shared-ticks.ts'

/** Of one worktree; a watch of all its folders would take thousands. What is not watched is seen by the other signs, or by a sweep. */
const MOST_FOLDERS = 24

/** Watches where git keeps the worktree's HEAD and index, and the folders in which something is uncommitted: who works there works on. */
export class WorktreeWatch {
  readonly #path: string
  readonly #tell: (sign: Sign) => void
  readonly #watched = new Map<string, (() => void) | undefined>()
  #gitFolder: string | undefined

  constructor(path: string, tell: (sign: Sign) => void) {
    this.#path = path
    this.#tell = tell
  }

  /** `uncommitted`: paths relative to the worktree. */
  follow(gitFolder: string, uncommitted: readonly string[]): void {
    const wanted = new Set([...new Set(uncommitted.map((path) => dirname(path)))].slice(0, MOST_FOLDERS))
    for (const [folder, close] of this.#watched) {
      if (wanted.has(folder) || (folder === GIT && gitFolder === this.#gitFolder)) continue
      close?.()
      this.#watched.delete(folder)
    }
    this.#gitFolder = gitFolder
    if (!this.#watched.has(GIT))
      this.#watch(GIT, gitFolder, (name) => (name === 'index' || name === 'HEAD' ? { kind: 'index-moved' } : undefined))
    for (const folder of wanted) {
      if (!this.#watched.has(folder) && this.#isOwnFolder(folder))
        this.#watch(folder, join(this.#path, folder), (name) =>
          name === '.git' ? undefined : { kind: 'file-moved', path: join(folder, name) },
        )
    }
  }

  close(): void {
    for (const close of this.#watched.values()) close?.()
    this.#watched.clear()
  }

  #watch(key: string, folder: string, toSign: (name: string) => Sign | undefined): void {
    const watcher = watchFolder(folder, (name) => {
      const sign = name === undefined ? undefined : toSign(name)
      if (sign !== undefined) this.#tell(sign)
    })
    this.#watched.set(key, watcher && (() => watcher.close()))
  }

  /** A symlink on the way leads to what is not this worktree's. */
  #isOwnFolder(folder: string): boolean {
    for (let at = folder; at !== '.'; at = dirname(at)) {
      if (lstatSync(join(this.#path, at), { throwIfNoEntry: false })?.isDirectory() !== true) return false
    }
    return true
  }
}

/** No path of a worktree. */
const GIT = '.git'
