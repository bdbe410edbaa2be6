import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readlink, type FileHandle } from 'node:fs/promises'
import { parseSha } from '../../../foundation/brand.ts'
import { isErrno } from '../../../platform/errno.ts'
import { quoteLine } from '../worktrees/backup.ts'
import { pathBytes } from '../worktrees/inspect.ts'
import type { Scratch } from '../scratch.ts'
import type { ImportedFile } from './fast-import.ts'

/** Of one worktree; what goes beyond is left as HEAD has it. */
const MOST_FILES = 3000
const AT_ONCE = 8
const MOST_BYTES = 64 * 1024 * 1024
/** A larger file is stood in for by its digest: whether two are the same is all that a merge could tell of them. */
const LARGEST_BYTES = 8 * 1024 * 1024
/** A file that is larger still is not even read. */
const LARGEST_DIGEST_BYTES = 256 * 1024 * 1024

export interface WorktreeFiles {
  readonly files: readonly ImportedFile[]
  /** There was a folder, or a symlink on the way: the file is gone, and only a look at the whole worktree tells what came instead. */
  readonly hasFolder: boolean
  readonly isPartial: boolean
}

/** What is on disk at these paths (bytes, as latin1). What is inside a nested repository, or no file, is not there. */
export async function readFiles(scratch: Scratch, root: string, paths: Iterable<string>): Promise<WorktreeFiles> {
  const folders = new Map<string, Promise<FolderKind>>()
  const files: ImportedFile[] = []
  const unix: ImportedFile[] = []
  const all = [...paths]
  let [hasFolder, bytes, at] = [false, 0, 0]
  for (; at < Math.min(all.length, MOST_FILES) && bytes < MOST_BYTES; at += AT_ONCE) {
    const chunk = all.slice(at, Math.min(at + AT_ONCE, MOST_FILES))
    const found = await Promise.all(chunk.map(async (path) => ({ path, file: await readAt(root, path, folders) })))
    for (const { path, file } of found) {
      if (file === 'elsewhere') continue
      hasFolder ||= file === 'folder'
      if (file === 'folder') files.push({ kind: 'gone', path })
      else if (hasDosLines(file)) unix.push(file)
      else files.push(file)
      if (file !== 'folder' && file.kind === 'content') bytes += file.content.length
    }
  }
  const isPartial = at < all.length
  return { files: [...files, ...(await withLineEnds(scratch, root, unix))], hasFolder, isPartial }
}

function hasDosLines(file: ImportedFile): boolean {
  return file.kind === 'content' && file.mode !== '120000' && file.content.includes('\r\n')
}

type FolderKind = 'folder' | 'gone' | 'symlink' | 'repository'

async function readAt(
  root: string,
  path: string,
  folders: Map<string, Promise<FolderKind>>,
): Promise<ImportedFile | 'folder' | 'elsewhere'> {
  const parent = await folderOf(root, path, folders)
  if (parent === 'repository') return 'elsewhere'
  if (parent === 'gone') return { kind: 'gone', path }
  if (parent === 'symlink') return 'folder'
  const stats = await lstat(pathBytes(root, path)).catch(() => undefined)
  if (stats?.isDirectory()) return 'folder'
  if (stats?.isSymbolicLink()) {
    const target = await readlink(pathBytes(root, path), 'buffer').catch(() => undefined)
    return target === undefined ? { kind: 'gone', path } : { kind: 'content', path, mode: '120000', content: target }
  }
  return stats?.isFile() ? readFile(root, path) : { kind: 'gone', path }
}

/** What stands on the way to the path: the nearest thing that is not a plain folder of this worktree decides. */
async function folderOf(root: string, path: string, known: Map<string, Promise<FolderKind>>): Promise<FolderKind> {
  const end = path.lastIndexOf('/')
  if (end < 0) return 'folder'
  const folder = path.slice(0, end)
  const found = known.get(folder) ?? lookAtFolder(root, folder, known)
  known.set(folder, found)
  return found
}

async function lookAtFolder(root: string, folder: string, known: Map<string, Promise<FolderKind>>): Promise<FolderKind> {
  const above = await folderOf(root, folder, known)
  if (above !== 'folder') return above
  const stats = await lstat(pathBytes(root, folder)).catch(() => undefined)
  if (stats?.isSymbolicLink()) return 'symlink'
  if (stats?.isDirectory() !== true) return 'gone'
  const door = await lstat(pathBytes(root, `${folder}/.git`)).catch(() => undefined)
  return door === undefined ? 'folder' : 'repository'
}

/** Opened so that a file that became a pipe or a symlink meanwhile is neither waited for nor followed. */
async function readFile(root: string, path: string): Promise<ImportedFile | 'elsewhere'> {
  let file: FileHandle | undefined
  try {
    file = await open(pathBytes(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = await file.stat()
    if (!stats.isFile()) return { kind: 'gone', path }
    const mode = (stats.mode & 0o100) === 0 ? '100644' : '100755'
    const content =
      stats.size <= LARGEST_BYTES ? await readSome(file, stats.size) : Buffer.from(await standIn(file, stats.size, stats.mtimeMs))
    return { kind: 'content', path, mode, content }
  } catch (error) {
    // One that may not be read is not gone.
    return isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP') ? { kind: 'gone', path } : 'elsewhere'
  } finally {
    await file?.close()
  }
}

/** No more than it had when it was asked: one that grows as it is read would have no end. */
async function readSome(file: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await file.read(buffer, at, size - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return buffer.subarray(0, at)
}

async function standIn(file: FileHandle, size: number, mtimeMs: number): Promise<string> {
  if (size > LARGEST_DIGEST_BYTES) return `orch: ${size} bytes of ${mtimeMs}\n`
  const digest = createHash('sha256')
  const buffer = Buffer.alloc(1 << 20)
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) break
    digest.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return `orch: sha256 ${digest.digest('hex')}\n`
}

/** Whether the line ends of the disk are those of the repository, only git's own rules and the worktree's attributes can tell. */
async function withLineEnds(scratch: Scratch, root: string, files: readonly ImportedFile[]): Promise<ImportedFile[]> {
  if (files.length === 0) return []
  const input = Buffer.from(files.map(({ path }) => `${quoteLine(path)}\n`).join(''), 'latin1')
  const hashed = await scratch.git(['hash-object', '-w', '--stdin-paths'], { workTree: root, input, timeoutMs: 20_000 })
  const shas = hashed.stdout
    .toString('latin1')
    .split('\n')
    .flatMap((line) => parseSha(line) ?? [])
  return files.map((file, at) => {
    const sha = shas[at]
    return sha === undefined || file.kind !== 'content' || file.mode === '120000'
      ? file
      : { kind: 'object', path: file.path, mode: file.mode, sha }
  })
}
