import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** What writing to this absolute path would change, relative to the worktree and with slashes, wherever links on its way lead; undefined: nothing of the worktree. */
export async function placeIn(worktree: string, path: string): Promise<string | undefined> {
  const [root, place] = await Promise.all([realPlace(worktree), realPlace(path)])
  const found = relative(root, place)
  if (found === '' || found === '..' || found.startsWith(`..${sep}`) || isAbsolute(found)) return undefined
  return found.split(sep).join('/')
}

const MOST_LINKS = 40

/** Also of what is not there yet: its folder, or where a link leads that leads to nothing. Names are spelled as on disk. */
async function realPlace(path: string, links = 0): Promise<string> {
  const there = await realpath(path).catch(() => undefined)
  if (there !== undefined) return there
  const parent = dirname(path)
  if (parent === path) return path
  const folder = await realPlace(parent, links)
  const target = links < MOST_LINKS ? await readlink(path).catch(() => undefined) : undefined
  return target === undefined ? join(folder, basename(path)) : realPlace(resolve(folder, target), links + 1)
}
