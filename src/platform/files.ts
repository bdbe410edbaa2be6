import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../foundation/failure.ts'
import { isErrno } from './errno.ts'

/**
 * A reader sees the old or the new content, never a mixture, and a crash leaves one of the two:
 * the new content is durable before the rename makes it visible.
 */
export async function replaceFile(path: string, content: string | Uint8Array, options: ReplaceOptions = {}): Promise<void> {
  const { mode = 0o600, survives = 'power-loss' } = options
  const temporary = join(dirname(path), `.tmp-${randomUUID()}`)
  try {
    await write(temporary, content, mode, survives === 'power-loss')
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  if (survives === 'power-loss') await syncDirectory(dirname(path))
}

export interface ReplaceOptions {
  readonly mode?: number
  /** `kill`: the content means nothing after the machine went down, or can be made again; nothing waits for the disk. */
  readonly survives?: 'power-loss' | 'kill'
}

/** Written once: whether it was not there before. A reader sees the whole file or none. */
export async function addFile(path: string, content: string): Promise<boolean> {
  const temporary = join(dirname(path), `.tmp-${randomUUID()}`)
  try {
    await write(temporary, content, 0o600, true)
    await link(temporary, path)
    await syncDirectory(dirname(path))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Makes the folder and its missing parents, readable for the owner only; mends the mode of one that is there. */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
}

/** undefined when there is no such file. */
export async function loadText(path: string): Promise<string | undefined> {
  return (await loadBytes(path))?.toString('utf8')
}

export async function loadBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** undefined when there is no such file; a Failure `unreadable-file` when it is not JSON or `parse` refuses it. */
export async function loadJson<T>(path: string, parse: (value: unknown) => T): Promise<T | undefined> {
  const text = await loadText(path)
  if (text === undefined) return undefined
  try {
    return parse(JSON.parse(text))
  } catch (cause) {
    throw new Failure('unreadable-file', `${path} is not in the form that orch writes`, {
      facts: { path },
      safe: 'The file was left as it is.',
      next: `Mend ${path}, or move it away.`,
      cause,
    })
  }
}

/** Makes a created, renamed or removed name in this folder survive a power loss. */
export async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function write(path: string, content: string | Uint8Array, mode: number, isSynced: boolean): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.chmod(mode) // the umask may have taken bits away
    await file.writeFile(content)
    if (isSynced) await file.sync()
  } finally {
    await file.close()
  }
}
