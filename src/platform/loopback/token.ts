import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { loadJson, replaceFile } from '../files.ts'

/** Kept over restarts, so that a client that read it goes on working. */
export async function keepToken(file: string): Promise<string> {
  const known = await loadJson(file, (value) => String(value)).catch(() => undefined)
  // One that others could read, or that is not of our making, is none.
  const mode = (await stat(file).catch(() => undefined))?.mode ?? 0
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known) && (mode & 0o077) === 0) return known
  const token = randomBytes(32).toString('hex')
  await replaceFile(file, JSON.stringify(token))
  return token
}
