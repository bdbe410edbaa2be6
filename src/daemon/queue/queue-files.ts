import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder, type Home } from '../../config/home.ts'

/** Where the merge queue of a project keeps what. */
export interface QueueFiles {
  readonly slots: string
  readonly logs: string
  readonly results: string
  readonly flakyTests: string
}

export function queueFiles(home: Home, project: string): QueueFiles {
  const folder = projectFolder(home, project)
  return {
    slots: join(folder, 'slots'),
    logs: join(folder, 'queue', 'logs'),
    results: join(folder, 'results'),
    flakyTests: join(folder, 'flaky.json'),
  }
}

/** A file name for the id of a run; another id has another. */
export function fileNameOf(id: string): string {
  const plain = id.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)
  return plain === id ? id : `${plain}-${digestOf(id).slice(0, 12)}`
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Removes the oldest files of the folder beyond `most`, a tenth more at once so that it is not done every time. */
export async function keepNewest(folder: string, most: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  if (names.length <= most) return
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: await stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  )
  const surplus = aged.toSorted((a, b) => a.at - b.at).slice(0, names.length - Math.floor(most * 0.9))
  await Promise.all(surplus.map(({ name }) => rm(join(folder, name), { force: true })))
}
