import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../../foundation/failure.ts'
import { loadConfig, PROJECT_FILE } from '../../config/load-config.ts'
import type { Context } from '../context.ts'
import type { Stage } from './rehearse.ts'

const run = promisify(execFile)

/** A clone of the user's repository with their backlog and orch.yaml as they are now, committed or not; a feature has no backlog. */
export async function cloneForRehearsal(
  context: Context,
  folder: string,
  wanted: { readonly path: string | undefined } | undefined,
  scriptFile: string | undefined,
): Promise<Stage> {
  const repository = await (await context.services()).git.open(context.cwd)
  const { config } = await loadConfig({ home: context.home, root: repository.root, environment: context.environment })
  const backlog =
    wanted && requireBacklog(wanted.path === undefined ? join(repository.root, config.backlog) : resolve(context.cwd, wanted.path))
  const clone = join(folder, basename(repository.root))
  await run('git', ['clone', '-q', '--no-hardlinks', '--', repository.root, clone])
  // The rehearsal has no remote: nothing of it can be pushed to where the clone came from.
  await run('git', ['-C', clone, 'remote', 'remove', 'origin'])
  await copyLocalFiles(repository.root, clone, config.copy)
  const prompts = config.departments.flatMap(({ prompt }) => prompt ?? [])
  const copied = await copyWorkingFiles(repository.root, clone, backlog, [PROJECT_FILE, ...prompts])
  await commitCopies(clone, copied)
  return {
    repository: clone,
    ...(backlog !== undefined && { backlog: join(clone, backlogName(repository.root, backlog)) }),
    ...(scriptFile !== undefined && { scriptFile: resolve(context.cwd, scriptFile) }),
    proofs: [],
  }
}

function requireBacklog(path: string): string {
  if (existsSync(path)) return path
  throw new Failure('no-backlog', `there is no ${path}`, { next: 'orch init writes one; or orch rehearse --demo' })
}

/** Those that git does not have. */
async function copyLocalFiles(root: string, clone: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const [from, to] = [join(root, path), join(clone, path)]
    if (existsSync(from) && !existsSync(to)) await cp(from, to, { recursive: true, dereference: false })
  }
}

/** The names of what was copied, below the clone's root. */
async function copyWorkingFiles(
  root: string,
  clone: string,
  backlog: string | undefined,
  names: readonly string[],
): Promise<readonly string[]> {
  const inside = names.filter((name) => existsSync(join(root, name)) && !relative(root, join(root, name)).startsWith('..'))
  const files = new Map(inside.map((name) => [name, join(root, name)]))
  if (backlog !== undefined) files.set(backlogName(root, backlog), backlog)
  for (const [name, from] of files) {
    await mkdir(dirname(join(clone, name)), { recursive: true })
    await copyFile(from, join(clone, name))
  }
  return [...files.keys()]
}

async function commitCopies(clone: string, paths: readonly string[]): Promise<void> {
  const identity = ['-c', 'user.name=Rehearsal', '-c', 'user.email=rehearsal@localhost']
  if (paths.length === 0) return
  await run('git', ['-C', clone, 'add', '-f', '--', ...paths])
  const { stdout } = await run('git', ['-C', clone, 'diff', '--cached', '--name-only'])
  if (stdout !== '') await run('git', ['-C', clone, ...identity, 'commit', '-q', '--no-verify', '-m', 'Your set-up as it is now'])
}

/** A backlog outside of the repository is rehearsed under its own name at the root of the clone. */
function backlogName(root: string, backlog: string): string {
  const inside = relative(root, backlog)
  return inside.startsWith('..') ? basename(backlog) : inside
}
