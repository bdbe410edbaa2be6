import { lstat, readdir, readlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'

export interface Survey {
  readonly entries: number
  /** Of its files. */
  readonly bytes: number
  /** What keeps it from being the same in another place. */
  readonly objection?: string
}

/** Looks at everything below the folder without following a link. `origins`: the names of the place that it was copied from. */
export async function surveyTree(root: string, origins: readonly string[]): Promise<Survey> {
  const seen = { entries: 0, bytes: 0, objections: [] as string[] }
  await surveyFolder(root)
  const [objection] = seen.objections
  return { entries: seen.entries, bytes: seen.bytes, ...(objection !== undefined && { objection }) }

  async function surveyFolder(folder: string): Promise<void> {
    const children = await readdir(folder, { withFileTypes: true })
    seen.entries += children.length
    await Promise.all(
      children.map(async (child) => {
        const path = join(folder, child.name)
        if (child.isFile()) count(await lstat(path))
        else if (child.isSymbolicLink()) object(path, await readlink(path))
        else if (!child.isDirectory()) seen.objections.push(`${relative(root, path)} is neither file, folder nor link`)
      }),
    )
    for (const child of children) if (child.isDirectory()) await surveyFolder(join(folder, child.name))
  }

  function count({ size }: { readonly size: number }): void {
    seen.bytes += size
  }

  function object(path: string, target: string): void {
    const isOwn = isAbsolute(target) ? !origins.some((origin) => isWithin(origin, target)) : isWithin(root, resolve(dirname(path), target))
    if (!isOwn) seen.objections.push(`the link ${relative(root, path)} leads to ${target}`)
  }
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, resolve(path))
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way)
}
