import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { LandingObstacle } from '../../../ports/git-landings.ts'
import { signingOf } from '../merging/signing.ts'
import type { Place } from '../place.ts'
import { hooksPath, isGuard } from '../protection/guard.ts'

/** Only looks: nothing that is found is run. */
export async function landingObstacles(place: Place): Promise<LandingObstacle[]> {
  return [...(await signingObstacles(place)), ...(await hookObstacles(place))]
}

async function signingObstacles(place: Place): Promise<LandingObstacle[]> {
  const signing = await signingOf(place)
  if (signing.kind === 'off') return []
  if (signing.kind === 'on')
    return [
      { kind: 'signing', what: 'commit.gpgSign', effect: 'commits that land are signed by your own program, which may not ask anything' },
    ]
  const effect =
    "nothing lands: this is the repository's own configuration, which every session can write; say it in your own (git config --global)"
  return [{ kind: 'signing-refused', what: signing.setting, effect }]
}

/** What each would have done at a merge by hand. `reference-transaction` may be orch's own guard, which keeps the one that was there beside. */
const HOOKS: Readonly<Record<string, string>> = {
  'pre-merge-commit': 'could refuse a merge',
  'pre-commit': 'could refuse a commit',
  'prepare-commit-msg': 'could change the message of a commit',
  'commit-msg': 'could change or refuse the message of a commit',
  'post-merge': 'would run after a merge',
  'post-commit': 'would run after a commit',
  'reference-transaction': 'could refuse to move a branch',
  'reference-transaction.before-orch': 'could refuse to move a branch',
}

async function hookObstacles(place: Place): Promise<LandingObstacle[]> {
  const configured = await hooksPath(place)
  const folder = configured === undefined ? join(place.commonDir, 'hooks') : resolve(place.root, configured)
  const obstacles: LandingObstacle[] = []
  for (const [name, could] of Object.entries(HOOKS)) {
    const path = join(folder, name)
    if (await isForeignHook(path)) obstacles.push({ kind: 'hook', what: path, effect: `${could}; a landing does not run it` })
  }
  return obstacles
}

async function isForeignHook(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    const found = await stat(path)
    // Reading a pipe would never end.
    return found.isFile() && (found.size > HOOK_BYTES_AT_MOST || !isGuard(await readFile(path, 'utf8')))
  } catch {
    // Not there, not executable (git passes it by, too), or not ours to read.
    return false
  }
}

const HOOK_BYTES_AT_MOST = 1_000_000
