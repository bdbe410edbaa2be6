import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureCode } from '../foundation/failure.ts'
import { ensurePrivateDirectory, loadJson, loadText, replaceFile } from './files.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'orch-files-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('replaceFile', () => {
  it('writes 0600 unless told, whatever was there', async () => {
    const path = join(folder, 'token')
    await writeFile(path, 'old', { mode: 0o644 })
    await replaceFile(path, 'new')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await modeOf(path)).toBe(0o600)
    await replaceFile(path, 'newer', { mode: 0o666 })
    expect(await modeOf(path)).toBe(0o666)
  })

  it('leaves the old content and no stray file when it cannot finish', async () => {
    await ensurePrivateDirectory(join(folder, 'taken', 'inside'))
    await expect(replaceFile(join(folder, 'taken'), 'x')).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })

  it('shows a reader only whole contents', async () => {
    const path = join(folder, 'status.json')
    const contents = ['a', 'b'].map((letter) => letter.repeat(100_000))
    await replaceFile(path, 'a'.repeat(100_000))
    const writing = Promise.all(Array.from({ length: 20 }, (_, i) => replaceFile(path, contents[i % 2] ?? '')))
    for (let i = 0; i < 20; i++) expect(contents).toContain(await readFile(path, 'utf8'))
    await writing
    expect(await readdir(folder)).toEqual(['status.json'])
  })
})

describe('loading', () => {
  it('is undefined for a file that is not there', async () => {
    expect(await loadText(join(folder, 'none'))).toBeUndefined()
    expect(await loadJson(join(folder, 'none'), (value) => value)).toBeUndefined()
  })

  it('refuses what is not JSON or not of the form, and keeps it', async () => {
    const path = join(folder, 'daemon.json')
    await writeFile(path, '{"pid": 1')
    expect(failureCode(await loadJson(path, (value) => value).catch((error: unknown) => error))).toBe('unreadable-file')
    expect(await readFile(path, 'utf8')).toBe('{"pid": 1')
  })
})

it('ensurePrivateDirectory mends the mode of a folder that is there', async () => {
  const path = join(folder, 'a', 'b')
  await ensurePrivateDirectory(path)
  await ensurePrivateDirectory(path)
  expect(await modeOf(path)).toBe(0o700)
})
