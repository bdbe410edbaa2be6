import type { Manifest } from '../commit-facts.ts'
import { jsonDependencies } from './json-manifest.ts'
import { goModules, gems, mavenArtifacts, requirements } from './line-manifest.ts'
import { tomlDependencies } from './toml-manifest.ts'

/** Name and where it comes from, as the file says it; `source` is '' where that is a plain registry's version. */
export type Dependencies = ReadonlyMap<string, string>

/** By base name; the first that fits. A reader answers undefined for what it cannot read. */
const READERS: readonly (readonly [name: RegExp, read: (text: string) => Dependencies | undefined])[] = [
  [/^(?:package|composer|deno)\.jsonc?$/, jsonDependencies],
  [/^(?:Cargo|pyproject)\.toml$|^Pipfile$/, tomlDependencies],
  [/^(?:.+-)?requirements(?:[-.].+)?\.(?:txt|in)$/, requirements],
  [/^go\.mod$/, goModules],
  [/^Gemfile$|\.gemspec$/, gems],
  [/^pom\.xml$/, mavenArtifacts],
]

export function isManifest(path: string): boolean {
  return readerOf(path) !== undefined
}

/** What it depends on now and did not before, or from another place than before; undefined when it cannot be read. */
export function newDependencies({ path, before, after }: Manifest): readonly string[] | undefined {
  const read = readerOf(path)
  if (read === undefined || after === undefined) return []
  const now = read(after)
  const then = before === undefined ? new Map<string, string>() : (read(before) ?? new Map<string, string>())
  if (now === undefined) return undefined
  return [...now].filter(([name, source]) => !then.has(name) || (source !== '' && source !== then.get(name))).map(([name]) => name)
}

function readerOf(path: string): ((text: string) => Dependencies | undefined) | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return READERS.find(([pattern]) => pattern.test(name))?.[1]
}
