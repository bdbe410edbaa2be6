import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { Failure } from '../../foundation/failure.ts'
import { isErrno } from '../../platform/errno.ts'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'
import { reapMarked } from '../../platform/environments/marked-processes.ts'
import { copyTree, holdsText } from './copy-tree.ts'
import { surveyTree } from './survey.ts'

export interface Place {
  /** Absolute path of the worktree. */
  readonly path: string
  readonly marker: string
  readonly signal: AbortSignal
}

/** How many of a project are kept. */
const MOST = 3

/**
 * The templates of one project, each a folder named by its key: `tree` as it lay in the worktree, and `template.json`, which says how much there
 * must be. A template is made under another name and never changed. One daemon owns the home, so what is in use is known here.
 */
export class TemplateStore {
  readonly #folder: string
  readonly #inUse = new Map<string, number>()
  /** Keys of those that were whole since this daemon began: the machine has not gone down since. */
  readonly #whole = new Set<string>()
  #swept: Promise<void> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What a daemon that was killed was about to make or to remove. */
  sweep(): Promise<void> {
    this.#swept ??= this.#sweep()
    return this.#swept
  }

  /** Whether there is one, and it lies in the worktree now. Failure `copy-failed`: nothing of it does. */
  async copyInto(place: Place, key: string): Promise<boolean> {
    const template = join(this.#folder, key)
    const note = await loadNote(template)
    if (note === undefined) return false
    return this.#using(key, async () => {
      for (const path of note.paths)
        if (!(await isFree(place.path, path))) throw new Failure('copy-failed', `there is no place for ${path}`)
      const now = new Date()
      await utimes(template, now, now)
      await withIncoming(place, async (incoming) => {
        await copyTree(join(template, 'tree'), incoming, place)
        if (!this.#whole.has(key)) await this.#check(key, incoming, note)
        await moveIn(incoming, place.path, note.paths)
      })
      return true
    })
  }

  /** Keeps these paths of the worktree; otherwise answers why they are good for no other place. */
  async keep(place: Place, key: string, paths: readonly string[]): Promise<string | undefined> {
    const name = `making-${randomUUID()}`
    const [making, options] = [join(this.#folder, name), { marker: name, signal: place.signal }]
    try {
      await ensurePrivateDirectory(making)
      for (const path of paths) {
        await mkdir(dirname(join(making, 'tree', path)), { recursive: true, mode: 0o700 })
        await copyTree(join(place.path, path), join(making, 'tree', path), options)
      }
      const origins = [...new Set([place.path, await realpath(place.path)])]
      const { objection, entries, bytes } = await surveyTree(join(making, 'tree'), origins)
      if (objection !== undefined) return objection
      if (await holdsText(join(making, 'tree'), origins, options)) return `a file in it names ${place.path}`
      await replaceFile(join(making, 'template.json'), JSON.stringify({ paths, entries, bytes }))
      if (!(await renamed(making, join(this.#folder, key)))) return undefined
      this.#whole.add(key)
      await this.#removeOldest(MOST)
      return undefined
    } finally {
      await rm(making, { recursive: true, force: true })
    }
  }

  /** All that nobody copies at this moment. */
  async removeAll(): Promise<void> {
    await this.sweep()
    await this.#removeOldest(0)
  }

  /** What was written shortly before a power loss may be empty. */
  async #check(key: string, copy: string, { entries, bytes }: v.InferOutput<typeof Note>): Promise<void> {
    const found = await surveyTree(copy, [])
    if (found.entries === entries && found.bytes === bytes) {
      this.#whole.add(key)
      return
    }
    await this.#discard(key)
    throw new Failure('copy-failed', 'the template was not whole, and was removed')
  }

  async #removeOldest(most: number): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name))
    const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(this.#folder, name))).mtimeMs })))
    for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(most)) if (!this.#inUse.has(name)) await this.#discard(name)
  }

  /** Renamed first: no half of it can be found. */
  async #discard(key: string): Promise<void> {
    const gone = join(this.#folder, `gone-${randomUUID()}`)
    await rename(join(this.#folder, key), gone)
    this.#whole.delete(key)
    await rm(gone, { recursive: true, force: true })
  }

  async #using<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#inUse.set(key, (this.#inUse.get(key) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (this.#inUse.get(key) ?? 1) - 1
      if (left === 0) this.#inUse.delete(key)
      else this.#inUse.set(key, left)
    }
  }

  async #sweep(): Promise<void> {
    for (const name of (await readdir(this.#folder).catch(() => [])).filter((each) => /^(?:making|gone)-/.test(each))) {
      await reapMarked(name)
      await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }
}

/** Copies that were cut off; only where the commit has nothing of this folder. */
export async function sweepIncoming({ path, marker }: Place): Promise<void> {
  if (!(await isFolder(join(path, OWN)))) return
  const left = (await readdir(join(path, OWN))).filter((name) => INCOMING.test(name))
  if (left.length > 0) await reapMarked(marker)
  for (const name of left) await rm(join(path, OWN, name), { recursive: true, force: true })
}

/** Excluded in every worktree (see `info/exclude`). */
const OWN = '.orch'
const INCOMING = /^incoming-[0-9a-f-]{36}$/

/** Inside the worktree, so that all it takes at the end are renames. */
async function withIncoming(place: Place, work: (incoming: string) => Promise<void>): Promise<void> {
  const own = join(place.path, OWN)
  const isMade = await made(own)
  if (!isMade && !(await isFolder(own))) throw new Failure('copy-failed', `${own} is no folder`)
  const incoming = join(own, `incoming-${randomUUID()}`)
  try {
    await work(incoming)
  } finally {
    await rm(incoming, { recursive: true, force: true })
    if (isMade) await rmdir(own)
  }
}

/** All or none, but for a kill in between: then the set-up finds some there, and runs. */
async function moveIn(incoming: string, root: string, paths: readonly string[]): Promise<void> {
  const moved: string[] = []
  try {
    for (const path of paths) {
      await rename(join(incoming, path), join(root, path))
      moved.push(path)
    }
  } catch (cause) {
    for (const path of moved) await rm(join(root, path), { recursive: true, force: true })
    throw new Failure('copy-failed', 'the copy could not be moved to its place', { cause })
  }
}

/** Nothing is there, and no link on the way. */
async function isFree(root: string, path: string): Promise<boolean> {
  const parts = path.split('/')
  for (let depth = 1; depth < parts.length; depth++) if (!(await isFolder(join(root, ...parts.slice(0, depth))))) return false
  return (await lstat(join(root, path)).catch(() => undefined)) === undefined
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true
}

async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 })
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

/** Not when the same has been kept meanwhile. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false
    throw error
  }
}

async function loadNote(template: string): Promise<v.InferOutput<typeof Note> | undefined> {
  try {
    return v.parse(Note, JSON.parse((await loadText(join(template, 'template.json'))) ?? ''))
  } catch {
    return undefined
  }
}

const isPlain = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part) && !/^\.git$/i.test(part))
const Paths = v.pipe(v.array(v.pipe(v.string(), v.check(isPlain))), v.minLength(1))
const Note = v.object({ paths: Paths, entries: v.number(), bytes: v.number() })
