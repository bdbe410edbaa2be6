import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../foundation/failure.ts'
import { isErrno } from './errno.ts'

/** A file that somebody else may have put there, an agent for example. */
export interface ForeignFile {
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly changedAt: number
}

/** The beginning of a plain file; undefined for anything else: no link is followed, and nothing that would make the reader wait is opened. */
export async function loadForeignText(path: string, mostBytes: number): Promise<ForeignFile | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    // Opened first and asked then: what was a file a moment ago may be a link or a pipe now.
    const stat = await file.stat()
    if (!stat.isFile()) return undefined
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(mostBytes, stat.size)), 0)
    return { text: buffer.toString('utf8', 0, bytesRead), changedAt: Math.floor(stat.mtimeMs) }
  } finally {
    await file.close()
  }
}

/** The plain files directly in `root`/`folders`… that end so, by name; each folder on the way must be a real one. */
export async function loadForeignFolder(
  root: string,
  folders: readonly string[],
  { ending, files, bytes }: { ending: string; files: number; bytes: number },
): Promise<readonly (ForeignFile & { readonly name: string })[]> {
  let folder = root
  for (const name of folders) {
    folder = join(folder, name)
    if (!(await isRealFolder(folder))) return []
  }
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ending) && !name.startsWith('.'))
  const found: (ForeignFile & { readonly name: string })[] = []
  for (const name of names.toSorted().slice(0, files)) {
    const file = await loadForeignText(join(folder, name), bytes)
    if (file !== undefined) found.push({ name, ...file })
  }
  return found
}

/** A folder, and no link to one. */
export async function isRealFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}

/** Failure `not-a-folder` when a link or a file stands there. */
export async function ensureRealFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error
  })
  if (await isRealFolder(path)) return
  throw new Failure('not-a-folder', `${path} is not a folder but a link or a file, so orch does not write there`, {
    facts: { path },
    safe: 'It was left as it is, and nothing was written to where it leads.',
    next: `remove ${path}, then orch resume, or the same command again`,
  })
}
