import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, cp } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../../foundation/failure.ts'
import { loadConfig, PROJECT_FILE } from '../../config/load-config.ts'
import type { Context } from '../context.ts'
import type { Stage } from './rehearse.ts'

const run = promisify(execFile)

/** A clone of the user's repository with their backlog and orch.yaml as they are now, committed or not. */
export async function cloneForRehearsal(
  context: Context,
  folder: string,
  backlogPath: string | undefined,
  scriptFile: string | undefined,
): Promise<Stage> {
  const repository = await (await context.services()).git.open(context.cwd)
  const { config } = await loadConfig({ home: context.home, root: repository.root, environment: context.environment })
  const backlog = backlogPath === undefined ? join(repository.root, config.backlog) : resolve(context.cwd, backlogPath)
  if (!existsSync(backlog))
    throw new Failure('no-backlog', `there is no ${backlog}`, { next: 'orch init writes one; or orch rehearse --demo' })
  const clone = join(folder, basename(repository.root))
  await run('git', ['clone', '-q', '--no-hardlinks', '--', repository.root, clone])
  // The rehearsal has no remote: nothing of it can be pushed to where the clone came from.
  await run('git', ['-C', clone, 'remote', 'remove', 'origin'])
  const copied = await copyWorkingFiles(repository.root, clone, backlog, config.copy)
  await commitCopies(clone, copied)
  return {
    repository: clone,
    backlog: join(clone, backlogName(repository.root, backlog)),
    ...(scriptFile !== undefined && { scriptFile: resolve(context.cwd, scriptFile) }),
    proofs: [],
  }
}

async function copyWorkingFiles(root: string, clone: string, backlog: string, copies: readonly string[]): Promise<readonly string[]> {
  await copyFile(backlog, join(clone, backlogName(root, backlog)))
  const config = join(root, PROJECT_FILE)
  if (existsSync(config)) await copyFile(config, join(clone, PROJECT_FILE))
  for (const path of copies) {
    const [from, to] = [join(root, path), join(clone, path)]
    if (existsSync(from) && !existsSync(to)) await cp(from, to, { recursive: true, dereference: false })
  }
  return [backlogName(root, backlog), ...(existsSync(config) ? [PROJECT_FILE] : [])]
}

async function commitCopies(clone: string, paths: readonly string[]): Promise<void> {
  const identity = ['-c', 'user.name=Rehearsal', '-c', 'user.email=rehearsal@localhost']
  await run('git', ['-C', clone, 'add', '-f', '--', ...paths])
  const { stdout } = await run('git', ['-C', clone, 'diff', '--cached', '--name-only'])
  if (stdout !== '') await run('git', ['-C', clone, ...identity, 'commit', '-q', '--no-verify', '-m', 'Your backlog as it is now'])
}

/** A backlog outside of the repository is rehearsed under its own name at the root of the clone. */
function backlogName(root: string, backlog: string): string {
  const inside = relative(root, backlog)
  return inside.startsWith('..') ? basename(backlog) : inside
}
