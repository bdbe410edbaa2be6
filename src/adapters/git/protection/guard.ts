import { chmod, link, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { GuardState } from '../../../ports/git.ts'
import { splitNul } from '../git-command.ts'
import { forgetFilters, recordFilters } from './known-filters.ts'
import { onRepository, orchDirectory, type Place } from '../place.ts'
import { withRepositoryLock } from '../repository-lock.ts'
import { exists, readEntries } from '../worktrees/entries.ts'
import { removeExcluded } from '../worktrees/exclude.ts'
import { emptyPool } from '../worktrees/pool.ts'
import { READY_FILE } from '../worktrees/worktrees.ts'

/**
 * A `reference-transaction` hook that admits, in a process with ORCH_BRANCH set, only that branch and the refs that belong to a worktree.
 * It keeps honest agents from mistakes; one that sets `core.hooksPath` passes it, so refs are audited after every turn as well.
 */
export async function installGuard(place: Place): Promise<GuardState> {
  await recordFilters(place)
  const configured = await hooksPath(place)
  if (configured !== undefined)
    return {
      kind: 'audit-only',
      reason: `core.hooksPath is ${configured}: orch does not write there, and relies on the audit of refs after every turn`,
    }
  if ((await readFile(paths(place).hook, 'utf8').catch(() => undefined)) === GUARD) return { kind: 'installed' }
  return withRepositoryLock(place, 'guard', async () => {
    const { folder, hook, chained } = paths(place)
    await mkdir(folder, { recursive: true })
    const present = await readFile(hook, 'utf8').catch(() => undefined)
    if (present === GUARD) return { kind: 'installed' }
    if (present !== undefined && !isGuard(present)) await chain(hook, chained)
    await replaceHook(hook, GUARD)
    return { kind: 'installed' }
  })
}

/** Also takes prepared trees away, and orch's block out of `info/exclude`: nothing of orch's is left to be hidden. */
export async function removeGuard(place: Place): Promise<void> {
  if (await hasOwnWorktree(place)) return
  await emptyPool(place)
  await withRepositoryLock(place, 'guard', async () => {
    const { hook, chained } = paths(place)
    const present = await readFile(hook, 'utf8').catch(() => undefined)
    if (present === undefined || !isGuard(present)) return
    if (
      await lstat(chained).then(
        () => true,
        () => false,
      )
    )
      await rename(chained, hook)
    else await rm(hook, { force: true })
  })
  await removeExcluded(place)
  await forgetFilters(place)
  await rm(join(orchDirectory(place), 'making'), { recursive: true, force: true })
}

const MARK = '# orch guard'
const GUARD = `#!/bin/sh
${MARK} 1: a session of orch moves its own branch only. Inactive unless ORCH_BRANCH is set.
# A hook that was here before is kept as reference-transaction.before-orch and still runs.
before="\${0%/*}/reference-transaction.before-orch"
if [ -z "\${ORCH_BRANCH-}" ]; then
  [ -x "$before" ] && exec "$before" "$@"
  exit 0
fi
updates=$(cat)
if [ "$1" = prepared ]; then
  while read -r _old _new ref; do
    case "$ref" in
      '' | "refs/heads/$ORCH_BRANCH" | refs/worktree/* | refs/bisect/* | refs/rewritten/*) ;;
      refs/*)
        printf 'orch: this session may only move %s, not %s.\\n' "$ORCH_BRANCH" "$ref" >&2
        exit 1
        ;;
      *) ;;
    esac
  done <<EOF_UPDATES
$updates
EOF_UPDATES
fi
if [ -x "$before" ]; then
  printf '%s\\n' "$updates" | "$before" "$@"
  exit $?
fi
exit 0
`

/** Of whatever version. */
export function isGuard(hook: string): boolean {
  return hook.includes(MARK)
}

/** The last value wins, as for git itself; our own `-c core.hooksPath` is of the scope `command`. */
export async function hooksPath(place: Place): Promise<string | undefined> {
  const found = await onRepository(place, ['config', '--type=path', '--includes', '--show-scope', '-z', '--get-all', 'core.hooksPath'], {
    accept: [1],
  })
  const fields = splitNul(found.stdout)
  let path: string | undefined
  for (let at = 0; at + 1 < fields.length; at += 2) if (fields[at] !== 'command') path = fields[at + 1]
  return path === '' ? undefined : path
}

function paths(place: Place): { folder: string; hook: string; chained: string } {
  const folder = join(place.commonDir, 'hooks')
  const hook = join(folder, 'reference-transaction')
  return { folder, hook, chained: `${hook}.before-orch` }
}

/** The hook that is there goes on working at every moment: it gets a second name before the first is replaced. */
async function chain(hook: string, chained: string): Promise<void> {
  await rename(chained, `${chained}.old`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await link(hook, chained)
}

async function replaceHook(hook: string, text: string): Promise<void> {
  const temporary = `${hook}.${randomUUID()}`
  await writeFile(temporary, text, { flag: 'wx' })
  await chmod(temporary, 0o755)
  await rename(temporary, hook)
}

async function hasOwnWorktree(place: Place): Promise<boolean> {
  for (const entry of await readEntries(place)) if (!entry.isMain && (await exists(join(entry.adminDir, READY_FILE)))) return true
  return false
}
