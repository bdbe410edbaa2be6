import type { Sha } from '../../foundation/brand.ts'
import type { Repository } from '../../ports/git.ts'
import { digestOf } from '../queue/queue-files.ts'

type Listed = Awaited<ReturnType<Repository['listFiles']>>

/** Of the set-up's line and every lock file and manifest of the commit: a branch that changes one gets a set-up of its own. */
export async function setUpKey(repository: Repository, commit: Sha, line: string): Promise<string> {
  return setUpKeyOf(await repository.listFiles(commit), line)
}

export function setUpKeyOf(files: Listed, line: string): string {
  const deciding = files.filter(({ path }) => decidesSetUp(path))
  return digestOf(JSON.stringify([1, line, deciding.map(({ path, blob }) => [path, blob])]))
}

/** Whether what a set-up makes depends on this file. */
export function decidesSetUp(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return DECIDING.has(name) || /^requirements.*\.txt$/.test(name)
}

const DECIDING: ReadonlySet<string> = new Set(
  [
    'package.json package-lock.json npm-shrinkwrap.json pnpm-lock.yaml pnpm-workspace.yaml yarn.lock .npmrc .yarnrc .yarnrc.yml bun.lock bun.lockb',
    'poetry.lock uv.lock Pipfile Pipfile.lock pyproject.toml setup.py setup.cfg',
    'go.mod go.sum Cargo.toml Cargo.lock Gemfile Gemfile.lock composer.json composer.lock',
  ].flatMap((names) => names.split(' ')),
)
