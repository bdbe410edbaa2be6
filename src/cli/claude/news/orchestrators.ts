import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claudeFolder } from '../../../config/home.ts'

/**
 * From now on this session of Claude Code hears the news. `plugin/news.sh` does the same for one that uses a tool of orch, and reads what is made
 * here: no other session starts more than a shell.
 */
export function makeOrchestrator(home: string, session: string): void {
  const folder = orchestratorFolder(home, session)
  if (folder === undefined || leadsSince(folder) !== undefined) return
  forgetOld(home)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, SINCE), '', { mode: 0o600, flag: 'a' })
}

/** Undefined where this is no id that Claude Code gives. */
export function orchestratorFolder(home: string, session: string): string | undefined {
  return /^[A-Za-z0-9][\w-]{0,99}$/.test(session) ? join(claudeFolder({ root: home }), session) : undefined
}

/** Epoch milliseconds of its first word to orch; undefined for a session that has said none. */
export function leadsSince(folder: string): number | undefined {
  return statSync(join(folder, SINCE), { throwIfNoEntry: false })?.mtimeMs
}

const SINCE = 'since'
/** Longer than Claude Code keeps a transcript that could be resumed. */
const KEPT_MS = 60 * 86_400_000

function forgetOld(home: string): void {
  const root = claudeFolder({ root: home })
  mkdirSync(root, { recursive: true, mode: 0o700 })
  // Beside the sessions' folders lies the one of worktrees (worktree.ts), which is no session's.
  for (const name of readdirSync(root).filter((each) => each !== 'tasks')) {
    const changedAt = statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - changedAt > KEPT_MS) rmSync(join(root, name), { recursive: true, force: true })
  }
}
