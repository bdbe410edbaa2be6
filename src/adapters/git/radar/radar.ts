import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, posix } from 'node:path'
import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { OpenRadar, OverlapSide, PairOverlap, RadarSource, Snapshot, SnapshotRequest } from '../../../ports/radar.ts'
import type { Place } from '../place.ts'
import { resolveRef } from '../refs.ts'
import { branchRef } from '../branch-name.ts'
import { placeAt } from '../repository.ts'
import { openScratch, type Scratch } from '../scratch.ts'
import { entryAt, exists, readHead, type Entry } from '../worktrees/entries.ts'
import { headOf } from '../worktrees/inspect.ts'
import { importCommits, type Import, type Imported } from './fast-import.ts'
import { resolveNames } from './object-names.ts'
import { isPlainPath, observe, refreshExcludes, type Observed } from './observation.ts'
import { PairMerges } from './pair-merges.ts'
import { TreeDiffs } from './tree-diffs.ts'
import type { WorktreeFiles } from './worktree-files.ts'

export const gitRadar: RadarSource = {
  open: async (repository, logError) => new GitRadar(await placeAt(repository), logError),
}

/** What is kept of a worktree from one snapshot to the next. */
interface Known {
  readonly entry: Entry
  readonly snapshot: Snapshot
  /** `uncommitted` in bytes, as latin1. */
  readonly dirty: ReadonlySet<string>
  /** Of the index: git has done something in the worktree when it is another. */
  readonly stamp: string
}

/** Past these the scratch is thrown away and begun anew. */
const MOST_IMPORTS = 2000
const MOST_IMPORTED_BYTES = 256 * 1024 * 1024
const MOST_MERGES = 20_000
const IMPORT_BYTES = 32 * 1024 * 1024
/** A worktree that could not be read is left alone for so long. */
const REFUSED_MS = 300_000

class GitRadar implements OpenRadar {
  readonly #place: Place
  readonly #logError: (error: unknown) => void
  readonly #known = new Map<string, Known>()
  readonly #closed = new AbortController()
  readonly #refusedUntil = new Map<string, number>()
  #scratch: Promise<Scratch & { close(): Promise<void> }> | undefined
  #pairs: PairMerges | undefined
  #diffs: TreeDiffs | undefined
  #imports = 0
  #bytes = 0

  constructor(place: Place, logError: (error: unknown) => void) {
    this.#place = place
    this.#logError = logError
  }

  async snapshotWorktrees(requests: readonly SnapshotRequest[]): Promise<readonly Snapshot[]> {
    try {
      return await this.#snapshot(requests)
    } catch (error) {
      this.#closed.signal.throwIfAborted()
      // The scratch may have been swept by the machine, or objects that it leaned on by the repository.
      await this.#renew()
      this.#logError(error)
      return this.#snapshot(requests)
    }
  }

  async overlaps(sides: readonly OverlapSide[]): Promise<readonly PairOverlap[]> {
    const scratch = await this.#open()
    this.#pairs ??= new PairMerges(this.#place, scratch, this.#diffsOn(scratch))
    const heads = new Map([...this.#known.values()].map(({ snapshot }) => [snapshot.commit, snapshot.head]))
    return this.#pairs.overlaps(sides, (commit) => heads.get(commit) ?? commit)
  }

  async tipOf(branch: string): Promise<Sha | undefined> {
    return resolveRef(this.#place, branchRef(branch))
  }

  async close(): Promise<void> {
    this.#closed.abort(new Failure('radar-closed', 'the radar was closed'))
    await this.#dropScratch()
  }

  #diffsOn(scratch: Scratch): TreeDiffs {
    this.#diffs ??= new TreeDiffs(scratch)
    return this.#diffs
  }

  async #dropScratch(): Promise<void> {
    const scratch = await this.#scratch?.catch(() => undefined)
    this.#scratch = undefined
    await scratch?.close()
  }

  #open(): Promise<Scratch & { close(): Promise<void> }> {
    this.#closed.signal.throwIfAborted()
    this.#scratch ??= openScratch(this.#place, {}).then((scratch) => ({
      ...scratch,
      git: (args, options) => scratch.git(args, { ...options, signal: this.#closed.signal }),
    }))
    return this.#scratch
  }

  async #renew(): Promise<void> {
    this.#pairs = this.#diffs = undefined
    this.#imports = this.#bytes = 0
    for (const [path, known] of this.#known) this.#known.set(path, { ...known, snapshot: { ...known.snapshot, head: NEVER } })
    await this.#dropScratch()
  }

  async #snapshot(requests: readonly SnapshotRequest[]): Promise<readonly Snapshot[]> {
    const merges = this.#pairs?.merged ?? 0
    if (this.#imports > MOST_IMPORTS || this.#bytes > MOST_IMPORTED_BYTES || merges > MOST_MERGES) await this.#renew()
    const wanted = new Set(requests.map(({ path }) => path))
    for (const path of this.#known.keys()) if (!wanted.has(path)) this.#known.delete(path)
    const scratch = await this.#open()
    const changed = (
      await Promise.all(requests.map((request) => this.#guarded(request.path, () => this.#changesOf(scratch, request))))
    ).flatMap((seen) => seen ?? [])
    if (changed.length > 0) await this.#take(scratch, changed)
    return requests.flatMap(({ path }) => this.#known.get(path)?.snapshot ?? [])
  }

  /** One that fails costs its own snapshot, not the others'. */
  async #guarded<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
    if ((this.#refusedUntil.get(path) ?? 0) > performance.now()) return undefined
    try {
      return await work()
    } catch (error) {
      this.#closed.signal.throwIfAborted()
      this.#known.delete(path)
      this.#refusedUntil.set(path, performance.now() + REFUSED_MS)
      this.#logError(error)
      return undefined
    }
  }

  /** Undefined when there is nothing new to be read. */
  async #changesOf(scratch: Scratch, { path, changed }: SnapshotRequest): Promise<Observed | undefined> {
    const known = this.#known.get(path)
    const entry = known === undefined ? await entryAt(this.#place, path) : await entryAgain(known.entry)
    if (entry?.head === undefined || entry.isHalfMade || !(await exists(join(path, '.git')))) {
      this.#known.delete(path)
      return undefined
    }
    const head = await headOf(this.#place, entry)
    const stamp = await indexStamp(entry)
    if (known !== undefined && changed.length === 0 && known.snapshot.head === head && known.stamp === stamp) return undefined
    const dirty = known?.dirty ?? new Set<string>()
    if (changed === 'unknown' || changed.some((one) => posix.basename(one) === '.gitignore'))
      return { path, entry, head, stamp, dirty, fresh: 'unknown' }
    const told = changed.map((one) => Buffer.from(one, 'utf8').toString('latin1'))
    const fresh = new Set(told.filter((one) => isPlainPath(one) && !dirty.has(one)))
    if (known !== undefined && known.snapshot.head !== head && known.snapshot.head !== NEVER)
      for (const one of await this.#between(scratch, known.snapshot.head, head)) fresh.add(one)
    return { path, entry, head, stamp, dirty, fresh }
  }

  /** What a moved HEAD may have made uncommitted, or no longer. */
  async #between(scratch: Scratch, from: Sha, to: Sha): Promise<string[]> {
    const [changes = []] = await this.#diffsOn(scratch).between([[from, to]])
    return changes.map(({ path }) => path)
  }

  async #take(scratch: Scratch, changed: readonly Observed[]): Promise<void> {
    await refreshExcludes(this.#place, scratch)
    const tracked = await trackedAmong(scratch, changed)
    const found = await inTurns(changed, (seen) =>
      this.#guarded(seen.path, () =>
        observe(this.#place, scratch, seen, (path) => tracked.has(`${seen.head}:${path}`), this.#closed.signal),
      ),
    )
    const read = changed.flatMap((seen, at) => {
      const files = found[at]
      return files === undefined ? [] : [{ seen, files }]
    })
    const imported = await this.#import(
      scratch,
      read.map(({ seen, files }) => ({ head: seen.head, files: files.files })),
    )
    const diffs = this.#diffsOn(scratch)
    for (const { commit, tree } of imported) diffs.learnTree(commit, tree)
    const changes = await diffs.between(read.map(({ seen: { head } }, at) => [head, imported[at]?.commit ?? head] as const))
    read.forEach(({ seen, files }, at) => this.#keep(seen, files, imported[at], new Set(changes[at]?.map(({ path }) => path))))
  }

  #keep(seen: Observed, { isPartial }: WorktreeFiles, imported: Imported | undefined, dirty: ReadonlySet<string>): void {
    const { path, entry, head, stamp } = seen
    const uncommitted = [...dirty].map((one) => Buffer.from(one, 'latin1').toString('utf8'))
    const commit = dirty.size === 0 || imported === undefined ? head : imported.commit
    this.#known.set(path, { entry, dirty, stamp, snapshot: { path, gitFolder: entry.adminDir, head, commit, uncommitted, isPartial } })
  }

  /** By one process, unless that would have to hold too much at once. */
  async #import(scratch: Scratch, imports: readonly Import[]): Promise<Imported[]> {
    const imported: Imported[] = []
    let [batch, bytes]: [Import[], number] = [[], 0]
    for (const one of imports) {
      batch.push(one)
      for (const file of one.files) if (file.kind === 'content') bytes += file.content.length
      if (bytes < IMPORT_BYTES) continue
      imported.push(...(await importCommits(scratch, batch)))
      this.#bytes += bytes
      ;[batch, bytes] = [[], 0]
    }
    this.#imports += imports.length
    this.#bytes += bytes
    return [...imported, ...(await importCommits(scratch, batch))]
  }
}

/** A head that no worktree has: what was known must be read again. */
const NEVER = '' as Sha

async function entryAgain(known: Entry): Promise<Entry | undefined> {
  const head = await readHead(known.adminDir)
  return head === undefined ? undefined : { ...known, head }
}

async function indexStamp({ adminDir }: Entry): Promise<string> {
  const stats = await stat(join(adminDir, 'index')).catch(() => undefined)
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`
}

/** Those of the fresh paths that HEAD has: no rule ignores them. */
async function trackedAmong(scratch: Scratch, changed: readonly Observed[]): Promise<Set<string>> {
  const names = changed.flatMap(({ head, fresh }) =>
    fresh === 'unknown' ? [] : [...fresh].filter((path) => !path.includes('\n')).map((path) => `${head}:${path}`),
  )
  const found = await resolveNames(scratch, names)
  return new Set(names.filter((_, at) => found[at] !== undefined))
}

/** Looks are processes; more at once than there are cores only get into each other's way. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const one = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      const item = items[at]
      if (item !== undefined) results[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(items.length, availableParallelism()) }, one))
  return results
}
