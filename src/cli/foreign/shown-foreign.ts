import type { ForeignSession } from './foreign-output.ts'
import { loadForeignSessions } from './foreign-sessions.ts'
import type { Context } from '../context.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { loadStatuses } from '../tasks/status-files.ts'

/** Those in the repository that the person stands in; all of them outside of one, or when all are asked for. `program`: as the settings name Claude Code. */
export async function shownForeign(context: Context, isAll: boolean, program?: string): Promise<readonly ForeignSession[]> {
  const found = await loadForeignSessions(context, loadStatuses(context.home).tasks, { program })
  const repository = isAll ? undefined : repositoryOf(context.cwd)
  return repository === undefined ? found : found.filter(({ cwd }) => isWithin(cwd, repository))
}

const LOOK_AGAIN_MS = 30_000

/** For a page that stays: what was seen last. Nobody waits for a look; the next one begins when the last is half a minute old. */
export function followForeign(look: () => Promise<readonly ForeignSession[]>, now: () => number): () => readonly ForeignSession[] {
  let [seen, lookedAt]: [readonly ForeignSession[], number] = [[], Number.NEGATIVE_INFINITY]
  return () => {
    if (now() - lookedAt >= LOOK_AGAIN_MS) {
      lookedAt = now()
      look().then(
        (found) => void (seen = found),
        () => {},
      )
    }
    return seen
  }
}

function isWithin(folder: string, repository: string): boolean {
  try {
    return repositoryOf(folder) === repository
  } catch {
    return false
  }
}
