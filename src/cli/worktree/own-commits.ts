import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * What the worktree's own git says. It may run what the worktree's owner configured, and may, because it runs as that owner:
 * these commands are the agent's.
 */
export async function headCommit(root: string): Promise<string | undefined> {
  return (await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => ''))?.trim() || undefined
}

export async function uncommittedPaths(root: string): Promise<readonly string[]> {
  return (await git(root, ['status', '--porcelain=v1', '-z', '--untracked-files=all']))
    .split('\0')
    .filter((entry) => /^.. /.test(entry))
    .map((entry) => entry.slice(3))
}

/** Undefined when the base is not known, as in a worktree that a person made. */
export async function commitsSinceBase(root: string): Promise<number | undefined> {
  const base = baseOf(root)
  if (base === undefined) return undefined
  return Number((await git(root, ['rev-list', '--count', `${base}..HEAD`, '--'])).trim())
}

function baseOf(root: string): string | undefined {
  try {
    return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.exec(readFileSync(join(root, '.orch', 'base'), 'utf8').trim())?.[0]
  } catch {
    return undefined
  }
}

async function git(root: string, args: readonly string[]): Promise<string> {
  const environment: NodeJS.ProcessEnv = { ...process.env, GIT_OPTIONAL_LOCKS: '0' }
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR']) delete environment[name]
  return (await promisify(execFile)('git', [...args], { cwd: root, env: environment, maxBuffer: 64 * 1024 * 1024 })).stdout
}
