import { randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../foundation/failure.ts'
import { setInConfigFile } from './config-file.ts'

/** Sets one key of an orch.yaml, which is made if absent and replaced at once; a dry run checks the same and writes nothing. Failures: `bad-config`. */
export async function writeConfigValue(path: string, key: string, written: string, { isDryRun = false } = {}): Promise<void> {
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const outcome = setInConfigFile(before ?? '', key, written)
  if (outcome.kind === 'refused') {
    const { where, message } = outcome.problem
    throw new Failure('bad-config', `${where}: ${message}`, { facts: { problems: [outcome.problem] }, safe: `${path} is unchanged` })
  }
  if (isDryRun) return
  // A file that is a link into someone's dotfiles stays one.
  const target = before === undefined ? path : await realpath(path)
  // The person's own file may come before everything else in their home.
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const mode = before === undefined ? 0o644 : (await stat(target)).mode & 0o777
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, outcome.text, { mode, flag: 'wx' })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
