import { lstat, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { loadBytes } from '../../platform/files.ts'
import { runCommand } from '../../platform/run-command.ts'
import type { Repository } from '../../ports/git.ts'
import { digestOf } from '../queue/queue-files.ts'
import type { Ground, GroundState } from './ground.ts'
import { decidesSetUp, setUpKeyOf } from './set-up-key.ts'

export type TemplateKey = { readonly key: string } | { readonly reason: string }

/** A digest of all that decides what the set-up makes here. The whole tree does where an installation may run or copy parts of it. */
export async function templateKey(repository: Repository, ground: Ground, { head, ignored }: GroundState): Promise<TemplateKey> {
  const files = await repository.listFiles(head)
  if (files.some(({ path }) => /^\.orch(\/|$)/i.test(path))) return { reason: 'the commit has a folder .orch of its own' }
  if (!files.some(({ path }) => lockFiles(ground.line).has(path))) return { reason: 'no lock file says which versions' }
  const node = await describeNode(ground)
  if (node === undefined) return { reason: 'node does not say which version it is' }
  const tree = (await hasWorkOfItsOwn(ground.path, files)) ? await repository.treeOf(head) : ''
  const parts = [1, setUpKeyOf(files, ground.line), node, tree, await settingsOf(ground, ignored)]
  return { key: digestOf(JSON.stringify(parts)) }
}

function lockFiles(line: string): ReadonlySet<string> {
  return new Set(line.trim().startsWith('yarn') ? ['yarn.lock'] : ['package-lock.json', 'npm-shrinkwrap.json'])
}

/** Asked where the set-up runs, for version managers choose by the folder. */
async function describeNode({ path, environment, signal }: Ground): Promise<string | undefined> {
  const argv = ['node', '-p', 'JSON.stringify([process.version, process.platform, process.arch, process.versions.modules])']
  const asked = await runCommand({ argv, cwd: path, environment, timeoutMs: 30_000, signal })
  return asked.kind === 'exited' && asked.code === 0 ? asked.stdout : undefined
}

/** Files of the same names that no commit has, and what the person's own environment says. */
async function settingsOf({ path, environment }: Ground, ignored: readonly string[]): Promise<unknown> {
  const variables = Object.entries(environment).filter(([name]) => /^(?:npm_config_.*|yarn_.*|node_env)$/i.test(name))
  const home = environment['HOME'] ?? homedir()
  const named = variables.flatMap(([name, value]) => (/^npm_config_(?:user|global)config$/i.test(name) ? [value] : []))
  const theirs = [...['.npmrc', '.yarnrc', '.yarnrc.yml'].map((name) => join(home, name)), ...named]
  return {
    variables: variables.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    theirs: await Promise.all(theirs.map(contentOf)),
    own: await Promise.all(ignored.filter(decidesSetUp).map(async (name) => [name, await contentOf(join(path, name))])),
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  return (await loadBytes(file).catch(() => undefined))?.toString('base64')
}

/** Scripts that an installation runs, or packages that are made from files of the tree. */
async function hasWorkOfItsOwn(root: string, files: readonly { readonly path: string }[]): Promise<boolean> {
  for (const { path } of files) {
    if (basename(path) === 'binding.gyp') return true
    if (basename(path) === 'package.json' && (await needsTree(join(root, path)))) return true
  }
  return false
}

async function needsTree(file: string): Promise<boolean> {
  if (!(await lstat(file)).isFile()) return true
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>
    const { scripts, overrides, resolutions, dependencies, devDependencies, optionalDependencies } = manifest
    if (Object.keys(Object(scripts) as object).some((name) => LIFECYCLE.has(name))) return true
    return LOCAL.test(JSON.stringify([overrides, resolutions, dependencies, devDependencies, optionalDependencies]))
  } catch {
    return true
  }
}

const LIFECYCLE: ReadonlySet<string> = new Set(
  'preinstall install postinstall prepublish preprepare prepare postprepare dependencies'.split(' '),
)

/** A version that is a path. */
const LOCAL = /"(?:file:|link:|portal:|patch:|\.{0,2}\/|~\/)/
