import { constants } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { copyFile, link, lstat, readdir, readFile, readlink, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TreeChange } from '../tree.ts'
import { makeParents } from '../worktrees/copy-files.ts'

/** Is the path already as the change wants it? `staged` holds the new files. */
export async function hasContent(root: string, staged: string, change: TreeChange | undefined): Promise<boolean> {
  if (change === undefined) return false
  const there = await lstat(join(root, change.path)).catch(() => undefined)
  if (change.to === undefined) return there === undefined || there.isDirectory()
  return there !== undefined && isSame(join(root, change.path), join(staged, change.path))
}

/** Where something that git does not track would be lost: an untracked file, or one in a folder that becomes a file. */
export async function blockedPaths(root: string, staged: string, changes: readonly TreeChange[]): Promise<string[]> {
  const leaving = new Set(changes.filter((change) => change.from !== undefined).map((change) => change.path))
  const blocked: string[] = []
  for (const change of changes) {
    if (change.to === undefined) continue
    const there = await lstat(join(root, change.path)).catch(() => undefined)
    if (there?.isDirectory()) blocked.push(...(await filesUnder(root, change.path)).filter((path) => !leaving.has(path)))
    else if (there !== undefined && change.from === undefined && !(await isSame(join(root, change.path), join(staged, change.path))))
      blocked.push(change.path)
    const parent = await blockingParent(root, change.path)
    if (parent !== undefined && !leaving.has(parent)) blocked.push(parent)
  }
  return blocked
}

/** Removals first: a file may become a folder and a folder a file. Each step may have been done by an earlier try. */
export async function applyFiles(root: string, staged: string, changes: readonly TreeChange[]): Promise<void> {
  for (const change of changes) if (change.to === undefined) await removeFile(root, change.path)
  for (const change of changes) if (change.to !== undefined) await placeFile(root, staged, change)
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one).catch(() => undefined), lstat(other).catch(() => undefined)])
  if (a === undefined || b === undefined) return false
  if (a.isSymbolicLink() && b.isSymbolicLink()) return (await readlink(one)) === (await readlink(other))
  if (!a.isFile() || !b.isFile() || a.size !== b.size || ((a.mode ^ b.mode) & 0o100) !== 0) return false
  return (await readFile(one)).equals(await readFile(other))
}

async function filesUnder(root: string, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...(await filesUnder(root, path)))
    else found.push(path)
  }
  return found
}

/** The first part on the way that is there and is no folder: a link would lead the write elsewhere. */
async function blockingParent(root: string, path: string): Promise<string | undefined> {
  const parts = path.split('/')
  for (let length = 1; length < parts.length; length++) {
    const parent = parts.slice(0, length).join('/')
    const there = await lstat(join(root, parent)).catch(() => undefined)
    if (there === undefined) return undefined
    if (!there.isDirectory()) return parent
  }
  return undefined
}

async function removeFile(root: string, path: string): Promise<void> {
  if ((await blockingParent(root, path)) !== undefined) return
  const there = await lstat(join(root, path)).catch(() => undefined)
  if (there === undefined || there.isDirectory()) return
  await unlink(join(root, path))
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const isEmpty = await rmdir(join(root, folder)).then(
      () => true,
      () => false,
    )
    if (!isEmpty) return
  }
}

async function placeFile(root: string, staged: string, change: TreeChange): Promise<void> {
  const [from, to] = [join(staged, change.path), join(root, change.path)]
  if (await isSame(to, from)) return
  if (!(await makeParents(root, change.path))) throw new Error(`a folder on the way to ${change.path} was replaced during the landing`)
  if ((await lstat(to).catch(() => undefined))?.isDirectory()) await removeEmptyFolders(to)
  // A new path may not replace what somebody made there in the meantime: `link` refuses, `rename` would not.
  if (change.from === undefined) await putNew(from, to)
  else
    await rename(from, to).catch((error: NodeJS.ErrnoException) =>
      error.code === 'EXDEV' ? acrossFileSystems(from, to) : Promise.reject(error),
    )
}

async function putNew(from: string, to: string): Promise<void> {
  if ((await lstat(from)).isSymbolicLink()) return symlink(await readlink(from), to)
  await link(from, to).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EXDEV' ? acrossFileSystems(from, to) : Promise.reject(error),
  )
}

async function acrossFileSystems(from: string, to: string): Promise<void> {
  const beside = join(dirname(to), `.orch-${randomUUID()}`)
  try {
    if ((await lstat(from)).isSymbolicLink()) await symlink(await readlink(from), beside)
    else await copyFile(from, beside, constants.COPYFILE_EXCL)
    await rename(beside, to)
  } finally {
    await rm(beside, { force: true })
  }
}

async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name))
  await rmdir(folder)
}
