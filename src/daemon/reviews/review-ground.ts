import { rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Sha } from '../../foundation/brand.ts'
import { plainLine } from '../../foundation/text.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import type { Repository } from '../../ports/git.ts'

const LONGEST_DIFF = 4 * 1024 * 1024

/** A tree of exactly one commit, and beside it, where nothing of the commit can stand in the way, the change as a file. */
export class ReviewGround {
  readonly tree: string
  /** Absolute; a folder that the session may read besides the tree. */
  readonly material: string
  readonly #root: string
  readonly #repository: Repository
  readonly #commit: Sha

  constructor(root: string, repository: Repository, commit: Sha) {
    this.#root = root
    this.#repository = repository
    this.#commit = commit
    this.tree = join(root, 'tree')
    this.material = join(root, 'material')
  }

  get diff(): string {
    return join(this.material, 'changes.diff')
  }

  /** `isBegun`: a session is at work in it, so that what is there is left alone: it may have been tampered with. */
  async prepare(base: Sha, isBegun: boolean): Promise<{ isCut: boolean; paths: readonly string[] }> {
    const patch = await this.#repository.diff(base, this.#commit, { maxBytes: LONGEST_DIFF })
    const found = { isCut: patch.isCut, paths: patch.files.map(({ path }) => path) }
    if (isBegun && existsSync(this.tree)) return found
    await ensurePrivateDirectory(this.material)
    await writeFile(this.diff, patch.text, { mode: 0o600 })
    await this.#repository.ensureDetachedWorktree(this.tree, this.#commit)
    return found
  }

  /** What is there beside the commit, in words; undefined while it is untouched. What the commit ignores is no part of it. */
  async tampering(): Promise<string | undefined> {
    const state = await this.#repository.inspectWorktree(this.tree).catch(() => undefined)
    if (state === undefined) return 'its tree cannot be read any more'
    if (state.head !== this.#commit || state.branch !== undefined) return `its tree is at ${state.head.slice(0, 10)}`
    const { uncommitted } = state
    return uncommitted.length === 0 ? undefined : `it wrote to its tree: ${plainLine(uncommitted.slice(0, 5).join(', '))}`
  }

  async remove(): Promise<void> {
    await this.#repository.removeDetachedWorktree(this.tree)
    await rm(this.#root, { recursive: true, force: true })
  }
}
