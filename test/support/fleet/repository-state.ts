import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface RepositoryState {
  readonly refs: Readonly<Record<string, string | undefined>>
  readonly worktrees: readonly string[]
  /** Name and content; the executable bit too. */
  readonly hooks: Readonly<Record<string, string>>
  readonly config: string
  readonly exclude: string
  readonly head: string
  /** What stands in the git directory itself: locks and leftovers show here. */
  readonly names: readonly string[]
}

/** What cleaning up must restore: everything of a repository that orch could leave something in. Kept backups are no leftover. */
export function repositoryState(repository: string): RepositoryState {
  const folder = join(repository, '.git')
  const git = (...args: string[]): string[] =>
    execFileSync('git', args, { cwd: repository, encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '')
  const refs = git('for-each-ref', '--format=%(refname) %(objectname)').filter((line) => !line.startsWith('refs/orch/backup/'))
  return {
    refs: Object.fromEntries(refs.map((line) => line.split(' '))) as Record<string, string>,
    worktrees: git('worktree', 'list', '--porcelain').filter((line) => line.startsWith('worktree ')),
    hooks: Object.fromEntries(readdirSync(join(folder, 'hooks')).map((name) => [name, hook(join(folder, 'hooks', name))])),
    config: readFileSync(join(folder, 'config'), 'utf8'),
    exclude: existsSync(join(folder, 'info/exclude')) ? readFileSync(join(folder, 'info/exclude'), 'utf8') : '',
    head: readFileSync(join(folder, 'HEAD'), 'utf8'),
    names: readdirSync(folder)
      .filter((name) => !own.has(name) && !isEmptyFolder(join(folder, name)))
      .toSorted(),
  }
}

// `orch` holds the locks that processes of this machine may wait at; nothing can tell that none does.
const own = new Set(['orch', 'ORIG_HEAD', 'COMMIT_EDITMSG', 'packed-refs', 'logs'])

function hook(path: string): string {
  return `${(statSync(path).mode & 0o111) === 0 ? '' : 'x '}${readFileSync(path, 'utf8')}`
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0
}
