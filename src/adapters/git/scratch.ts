import { randomUUID } from 'node:crypto'
import { access, constants, copyFile, mkdir, readdir, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sha } from '../../foundation/brand.ts'
import { mayExist } from '../../platform/process-identity.ts'
import { runGit, type GitOptions, type GitResult } from './git-command.ts'
import { onRepository, type Place } from './place.ts'

/*
 * A git directory of the host's own, beside the real one and sharing its objects. git runs programs named in configuration (fsmonitor,
 * clean and smudge filters, textconv, external diffs, merge drivers, gpg), and an agent in a linked worktree can write that configuration,
 * the attributes that point at it, its index and even its own `.git` file. Commands run here read none of these: there is no such
 * configuration to be read, so an attribute that names a filter names nothing. Only plain values that cannot run anything are carried over.
 */
export interface Scratch {
  readonly dir: string
  /** `objects: 'kept'` writes new objects into the real repository, else they go with the scratch directory. */
  git(args: readonly string[], options?: ScratchOptions): Promise<GitResult>
}

export interface ScratchOptions extends Omit<GitOptions, 'cwd' | 'gitDir'> {
  readonly objects?: 'kept'
}

/** Takes away what killed processes left: an hour old, longer than any command may run, and named by a pid that is no more. */
export async function sweepScratch(): Promise<void> {
  for (const root of SCRATCH_ROOTS) {
    for (const name of await readdir(root).catch(() => [])) {
      const pid = /^orch-git-(\d+)-[0-9a-f-]{36}$/.exec(name)?.[1]
      if (pid === undefined || mayExist(Number(pid))) continue
      const age = await stat(join(root, name)).then(
        (stats) => Date.now() - stats.mtimeMs,
        () => 0,
      )
      if (age > 3_600_000) await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined)
    }
  }
}

const MEMORY = '/dev/shm'
/** Where scratch directories are. */
export const SCRATCH_ROOTS: readonly string[] = [MEMORY, tmpdir()]
const SPARE_MEMORY_BYTES = 1 << 30

/** Memory where there is plenty: a merge writes a handful of small files that nobody keeps, and a disk takes longer over them than git over the merge. */
async function scratchRoot(): Promise<string> {
  const memory = await Promise.all([statfs(MEMORY), access(MEMORY, constants.W_OK)]).then(
    ([{ bavail, bsize }]) => bavail * bsize,
    () => 0,
  )
  return memory < SPARE_MEMORY_BYTES ? tmpdir() : MEMORY
}

export async function withScratch<T>(place: Place, seed: ScratchSeed, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const scratch = await openScratch(place, seed)
  try {
    return await work(scratch)
  } finally {
    await scratch.close()
  }
}

export interface ScratchSeed {
  readonly head?: Sha
  readonly index?: string
  readonly attributes?: Uint8Array | undefined
}

/** For one that is used for long: whoever opens it closes it. */
export async function openScratch(place: Place, seed: ScratchSeed): Promise<Scratch & { close(): Promise<void> }> {
  const dir = join(await scratchRoot(), `orch-git-${process.pid}-${randomUUID()}`)
  const close = () => rm(dir, { recursive: true, force: true })
  try {
    await lay(place, dir, seed)
  } catch (error) {
    await close()
    throw error
  }
  return { dir, git: (args, options = {}) => onScratch(place, dir, args, options), close }
}

async function lay(place: Place, dir: string, seed: ScratchSeed): Promise<void> {
  await mkdir(dir, { mode: 0o700 })
  await Promise.all(['objects', 'refs', 'info'].map((name) => mkdir(join(dir, name))))
  await Promise.all([
    writeFile(join(dir, 'HEAD'), seed.head === undefined ? 'ref: refs/heads/none\n' : `${seed.head}\n`),
    writeFile(join(dir, 'config'), await configuration(place)),
    copyIfPresent(join(place.commonDir, 'info/exclude'), join(dir, 'info/exclude')),
    copyIfPresent(join(place.commonDir, 'shallow'), join(dir, 'shallow')),
    seed.index === undefined ? undefined : copyIndex(seed.index, join(dir, 'index')),
    seed.attributes === undefined ? undefined : writeFile(join(dir, 'info/attributes'), seed.attributes),
  ])
}

function onScratch(place: Place, dir: string, args: readonly string[], options: ScratchOptions): Promise<GitResult> {
  const objects = join(place.commonDir, 'objects')
  const env = {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OBJECT_DIRECTORY: options.objects === 'kept' ? objects : join(dir, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: cQuote(objects),
    ...options.env,
  }
  return runGit(args, { ...options, env, cwd: options.workTree ?? dir, gitDir: dir })
}

/** Values that change how files compare but can run nothing. */
const CARRIED = [
  'core.filemode',
  'core.ignorecase',
  'core.symlinks',
  'core.autocrlf',
  'core.eol',
  'core.precomposeunicode',
  'core.trustctime',
  'core.checkstat',
  'core.excludesfile',
]

/** Asked for several times in a row by every look at a worktree; a change of the user's own settings may be seen a little later. */
const KEPT_MS = 5_000
const configurations = new Map<string, { readonly stamp: string; readonly until: number; readonly text: Promise<string> }>()

async function configuration(place: Place): Promise<string> {
  const { ino, mtimeMs, size } = await stat(join(place.commonDir, 'config'))
  const stamp = `${ino} ${mtimeMs} ${size}`
  const kept = configurations.get(place.commonDir)
  if (kept !== undefined && kept.stamp === stamp && performance.now() < kept.until) return kept.text
  const text = loadConfiguration(place)
  configurations.set(place.commonDir, { stamp, until: performance.now() + KEPT_MS, text })
  text.catch(() => configurations.delete(place.commonDir))
  return text
}

async function loadConfiguration(place: Place): Promise<string> {
  const sections = new Map<string, string>()
  const pattern = `^(${CARRIED.join('|').replaceAll('.', '\\.')})$`
  const found = await onRepository(place, ['config', '--type=path', '-z', '--get-regexp', pattern], { accept: [1] })
  for (const entry of found.stdout.toString('utf8').split('\0')) {
    const end = entry.indexOf('\n')
    if (end > 0) sections.set(entry.slice('core.'.length, end), entry.slice(end + 1))
  }
  const lines = [...sections].map(([name, value]) => `\t${name} = ${cQuote(value, true)}\n`).join('')
  const format =
    place.objectFormat === 'sha256'
      ? '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n'
      : '[core]\n\trepositoryformatversion = 0\n'
  return `${format}[core]\n\tbare = false\n${lines}`
}

/** As git reads quoted strings in configuration values, in alternates lists and in lists of paths. */
export function cQuote(text: string, always = false): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is quoted
  if (!always && !/["\\:\u0000-\u001f]/.test(text)) return text
  return `"${text
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', always ? '' : '\\r')}"`
}

/** As old as it is: git reads a file again whose time is not before the index's, and by a newer one it would take it for unchanged. */
async function copyIndex(from: string, to: string): Promise<void> {
  const stats = await stat(from).catch(() => undefined)
  if (stats === undefined) return
  await copyIfPresent(from, to)
  const seconds = Math.floor(stats.mtimeMs) / 1000
  await utimes(to, seconds, seconds).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
