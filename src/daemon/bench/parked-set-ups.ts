import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import { digestOf } from '../queue/queue-files.ts'
import { loadSetUp, type SetUp } from './set-up.ts'

/** Besides the one that is in use: batch and target, and one branch with a lock file of its own. */
const MOST_PARKED = 3

/**
 * What set-ups made for other lock files than those of the commit that is tested now, moved aside by renaming, so that a batch in which one entry
 * changes a lock file does not install anew for each question about it. A note is written after the last rename and taken away before the first.
 */
export class ParkedSetUps {
  readonly #slot: string
  readonly #folder: string

  constructor(slot: string) {
    this.#slot = slot
    this.#folder = `${slot}.set-ups`
  }

  async has(key: string): Promise<boolean> {
    return (await loadSetUp(this.#noteOf(key)))?.key === key
  }

  /** The slot's files may be gone or replaced by what was tested: then nothing is parked. */
  async park(setUp: SetUp): Promise<void> {
    const place = this.#placeOf(setUp.key)
    await this.forget(setUp.key)
    await this.#makeRoom()
    await ensurePrivateDirectory(place)
    if (await moveAll(setUp.kept, this.#slot, place))
      await replaceFile(this.#noteOf(setUp.key), JSON.stringify(setUp), { survives: 'kill' })
    else await this.forget(setUp.key)
  }

  /** Into a slot that is clean; undefined when there is none, or when it does not fit, and then some of it may be there. */
  async restore(key: string): Promise<SetUp | undefined> {
    const found = await loadSetUp(this.#noteOf(key))
    if (found?.key !== key) return undefined
    await rm(this.#noteOf(key), { force: true })
    const isWhole = await moveAll(found.kept, this.#placeOf(key), this.#slot)
    await this.forget(key)
    return isWhole ? found : undefined
  }

  async forget(key: string): Promise<void> {
    await rm(this.#noteOf(key), { force: true })
    await rm(this.#placeOf(key), { recursive: true, force: true })
  }

  async removeAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** The oldest leave; so does what a crash left without its note. */
  async #makeRoom(): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => !name.endsWith('.json'))
    const aged = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.#folder, `${name}.json`)).catch(() => undefined))?.mtimeMs ?? 0 })),
    )
    const kept = aged.filter(({ at }) => at > 0).toSorted((a, b) => b.at - a.at)
    for (const { name } of aged.filter((one) => !kept.slice(0, MOST_PARKED - 1).includes(one))) {
      await rm(join(this.#folder, `${name}.json`), { force: true })
      await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }

  #placeOf(key: string): string {
    return join(this.#folder, digestOf(key))
  }

  #noteOf(key: string): string {
    return `${this.#placeOf(key)}.json`
  }
}

/** Whether all of them were moved. A path whose folder is a link that leads elsewhere, or at which something stands, is not touched. */
async function moveAll(paths: readonly string[], from: string, to: string): Promise<boolean> {
  try {
    for (const path of paths) {
      const [source, target] = [join(from, path), join(to, path)]
      await mkdir(dirname(target), { recursive: true })
      if (!(await isOwnFolder(from, path)) || !(await isOwnFolder(to, path))) return false
      if ((await stat(target).catch(() => undefined)) !== undefined) return false
      await rename(source, target)
    }
    return true
  } catch {
    return false
  }
}

async function isOwnFolder(root: string, path: string): Promise<boolean> {
  return (await realpath(dirname(join(root, path)))) === join(await realpath(root), dirname(path))
}
