import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, link, lstat, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path'
import { runGit, splitNul } from '../git-command.ts'
import type { Place } from '../place.ts'

export interface Copied {
  readonly copied: readonly string[]
  readonly skipped: readonly { path: string; reason: string }[]
}

/**
 * Copies untracked files of the main worktree (settings, secrets) into a new one: never linked, so that no agent writes through; never over
 * anything that is there; never through a symlink. Each file appears whole or not at all, so repeating after a crash completes it.
 */
export async function copyFiles(
  place: Place,
  worktree: string,
  { listed, refused }: Untracked,
  tracked: ReadonlySet<string>,
): Promise<Copied> {
  const copied: string[] = []
  const skipped = [...refused]
  for (const path of listed) {
    const reason = path.endsWith('/')
      ? 'it is a repository of its own'
      : tracked.has(path)
        ? 'it is tracked'
        : await copyOne(place.root, worktree, path)
    if (reason === undefined) copied.push(path)
    else skipped.push({ path, reason })
  }
  return { copied, skipped }
}

/** Folders are real ones on the way to `path`: writing it cannot leave the worktree. */
export async function makeParents(worktree: string, path: string): Promise<boolean> {
  const parts = dirname(path)
    .split('/')
    .filter((part) => part !== '.' && part !== '')
  let folder = worktree
  for (const part of parts) {
    folder = join(folder, part)
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (!(await lstat(folder)).isDirectory()) return false
  }
  return true
}

export interface Untracked {
  readonly listed: ReadonlySet<string>
  readonly refused: readonly { path: string; reason: string }[]
}

/** The untracked files of the main worktree that these names and `.worktreeinclude` mean. */
export async function listUntracked(place: Place, names: readonly string[]): Promise<Untracked> {
  const listed = new Set<string>()
  if (place.isBare) return { listed, refused: names.map((path) => ({ path, reason: 'a bare repository has no files to copy' })) }
  const on = { cwd: place.root, gitDir: place.commonDir, workTree: place.root }
  const paths = names.map(insidePath).filter((path) => path !== undefined)
  const refused = names
    .filter((name) => insidePath(name) === undefined)
    .map((path) => ({ path, reason: 'it is not a path inside the repository' }))
  if (paths.length > 0) {
    const args = ['ls-files', '-z', '--others', '--', ...paths.map((path) => `:(literal)${path}`)]
    for (const file of splitNul((await runGit(args, on)).stdout)) listed.add(file)
  }
  const include = join(place.root, '.worktreeinclude')
  if (
    await lstat(include).then(
      (stats) => stats.isFile(),
      () => false,
    )
  ) {
    const args = ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${include}`]
    for (const file of splitNul((await runGit(args, on)).stdout)) listed.add(file)
  }
  return { listed, refused }
}

function insidePath(name: string): string | undefined {
  const path = normalize(name).replace(/\/+$/, '')
  const isInside = !isAbsolute(path) && path !== '.' && path !== '..' && !path.startsWith('../') && !path.includes('\0')
  return isInside && path.split('/')[0]?.toLowerCase() !== '.git' ? path : undefined
}

/** The reason why it was not copied, or undefined. */
async function copyOne(root: string, worktree: string, path: string): Promise<string | undefined> {
  const [from, to] = [join(root, path), join(worktree, path)]
  const stats = await lstat(from).catch(() => undefined)
  if (stats === undefined) return 'it has gone'
  if (!stats.isFile() && !stats.isSymbolicLink()) return 'it is neither a file nor a link'
  if (!(await makeParents(worktree, path))) return 'a folder on its way is a link or a file in the worktree'
  const there = await lstat(to).catch(() => undefined)
  // An earlier try that was killed may have copied it.
  if (there !== undefined) return (await isCopy(from, to)) ? undefined : 'it exists in the worktree'
  if (stats.isSymbolicLink()) return copyLink(root, path, to)
  try {
    await copyWhole(worktree, from, to, stats.mode & 0o777)
    return undefined
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'it cannot be read'
    throw error
  }
}

async function isCopy(from: string, to: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(from), lstat(to)])
  if (a.isSymbolicLink() && b.isSymbolicLink()) return (await readlink(from)) === (await readlink(to))
  if (!a.isFile() || !b.isFile() || a.size !== b.size || (a.mode & 0o777) !== (b.mode & 0o777)) return false
  const [source, copy] = [createReadStream(from), createReadStream(to)]
  const [one, other] = await Promise.all([digest(source), digest(copy)])
  return one === other
}

async function digest(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

async function copyLink(root: string, path: string, to: string): Promise<string | undefined> {
  const from = join(root, path)
  const target = await readlink(from)
  if (isAbsolute(target)) return 'it is a link with an absolute target'
  // By the letters too: `../../project/x` is inside of the main worktree, and seen from another one leads back into it.
  if (normalize(join(dirname(path), target)).startsWith('..')) return 'it is a link out of the repository'
  const real = await realpath(from).catch(() => resolve(dirname(from), target))
  for (const end of [real, resolve(dirname(from), target)])
    if (relative(root, end).startsWith('..')) return 'it is a link out of the repository'
  await symlink(target, to)
  return undefined
}

async function copyWhole(worktree: string, from: string, to: string, mode: number): Promise<void> {
  // `link` refuses where `rename` would replace a file made in the meantime. A copy that a crash leaves is in an excluded folder.
  const temporary = join(worktree, '.orch', `copy-${randomUUID()}`)
  await makeParents(worktree, '.orch/copy')
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    await chmod(temporary, mode)
    await link(temporary, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Written once, where nothing is. */
export async function writeFiles(
  worktree: string,
  files: Readonly<Record<string, string>>,
  tracked: ReadonlySet<string>,
  write: (path: string, text: string) => Promise<void>,
): Promise<string[]> {
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    const path = insidePath(name)
    if (path === undefined || tracked.has(path)) continue
    if (!(await makeParents(worktree, path))) continue
    written.push(path)
    const isThere = await lstat(join(worktree, path)).then(
      () => true,
      () => false,
    )
    if (!isThere) await write(join(worktree, path), text)
  }
  return written
}
