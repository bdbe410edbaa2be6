import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSha, type Sha } from '../../src/foundation/brand.ts'
import { makeFolder, removeFolder } from './temporary.ts'

/** A real repository in a temporary folder of its own, free of the configuration of the person who runs the tests. */
export interface TestRepository {
  /** The temporary folder: worktrees go beside `root`, and all of it goes with `remove`. */
  readonly folder: string
  readonly root: string
  /** Runs git in `root` and answers its trimmed standard output; throws when it fails. */
  git(...args: readonly string[]): string
  /** The same in another worktree. */
  gitIn(path: string, ...args: readonly string[]): string
  write(path: string, content: string | Uint8Array): void
  /** Writes the files, adds them and commits; answers the commit. */
  commit(message: string, files?: Readonly<Record<string, string>>): Sha
  /** As `commit` in a linked worktree. */
  commitIn(path: string, message: string, files?: Readonly<Record<string, string>>): Sha
  sha(rev: string): Sha
  remove(): void
}

/** `files` make the first commit on `main`; with none the repository is unborn. */
export function makeRepository(options: { files?: Readonly<Record<string, string>>; bare?: boolean; name?: string } = {}): TestRepository {
  const folder = makeFolder('orch-repository-')
  const root = join(folder, options.name ?? 'project')
  mkdirSync(root)
  const gitIn = (path: string, ...args: readonly string[]) => runTestGit(path, args)
  const sha = (path: string, rev: string) => {
    const found = parseSha(gitIn(path, 'rev-parse', '--verify', rev))
    if (found === undefined) throw new Error(`${rev} is no commit`)
    return found
  }
  const commitIn = (path: string, message: string, files: Readonly<Record<string, string>> = {}) => {
    for (const [name, content] of Object.entries(files)) writeIn(path, name, content)
    gitIn(path, 'add', '--all')
    gitIn(path, 'commit', '--quiet', '--allow-empty', '--message', message)
    return sha(path, 'HEAD')
  }
  gitIn(root, 'init', '--quiet', '--initial-branch=main', ...(options.bare === true ? ['--bare'] : []))
  if (options.files !== undefined) commitIn(root, 'First commit', options.files)
  return {
    folder,
    root,
    git: (...args) => gitIn(root, ...args),
    gitIn,
    write: (path, content) => writeIn(root, path, content),
    commit: (message, files) => commitIn(root, message, files),
    commitIn,
    sha: (rev) => sha(root, rev),
    remove: () => removeFolder(folder),
  }
}

function runTestGit(cwd: string, args: readonly string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', LC_ALL: 'C' }
  return execFileSync('git', ['-c', 'gc.auto=0', '-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  }).trim()
}

function writeIn(root: string, path: string, content: string | Uint8Array): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
