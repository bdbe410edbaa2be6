import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { isErrno } from '../../platform/errno.ts'

const LARGEST_BYTES = 64 * 1024

export type OwnFile =
  | 'gone'
  | { readonly kind: 'file'; readonly text: string; readonly at: number; readonly isCut: boolean }
  | { readonly kind: 'no-file'; readonly at: number }

/** A plain file's text, as far as is reasonable to read; no link is followed and nothing that would make the reader wait is opened. */
export async function readOwnFile(path: string): Promise<OwnFile> {
  const seen = await lstat(path).catch(() => undefined)
  if (seen === undefined) return 'gone'
  const noFile = { kind: 'no-file', at: Math.floor(seen.mtimeMs) } as const
  if (!seen.isFile()) return noFile
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) return noFile
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LARGEST_BYTES), 0)
      return { kind: 'file', text: buffer.toString('utf8', 0, bytesRead), at: noFile.at, isCut: stat.size > LARGEST_BYTES }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'gone'
    if (isErrno(error, 'ELOOP', 'ENXIO', 'EACCES')) return noFile
    throw error
  }
}
