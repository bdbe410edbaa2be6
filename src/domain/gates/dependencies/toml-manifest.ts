import type { Dependencies } from './manifest.ts'
import { pythonRequirement } from './line-manifest.ts'

/** Cargo.toml, pyproject.toml, Pipfile: line by line, which is enough for tables and lists as tools write them. */
export function tomlDependencies(text: string): Dependencies {
  const reader = new TomlReader()
  for (const line of text.split('\n')) reader.read(line.trim())
  return reader.found
}

/** Each key of these is a dependency. */
const TABLE =
  /(?:^|\.)(?:dev-|build-)?dependencies$|^(?:dev-)?packages$|^tool\.poetry\.(?:dev-dependencies|group\.[\w-]+\.dependencies)$|^patch\.[\w.-]+$/
/** `[dependencies.serde]`. */
const OWN_TABLE = /(?:^|\.)(?:dev-|build-)?dependencies\.([\w-]+)$/

class TomlReader {
  readonly found = new Map<string, string>()
  #table = ''
  #isInList = false

  read(line: string): void {
    if (this.#isInList) return this.#readItems(line)
    const table = /^\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/.exec(line)?.[1]
    if (table !== undefined) return this.#enter(unquoted(table))
    const [, written = '', value = ''] = /^("[^"]+"|'[^']+'|[\w.-]+)\s*=\s*(.*)$/.exec(line) ?? []
    const key = unquoted(written)
    if (isListOfRequirements(this.#table, key)) this.#readItems(value)
    else if (key !== '' && key !== 'python' && TABLE.test(this.#table)) this.found.set(key.split('.', 1)[0] ?? '', sourceOf(value))
  }

  #enter(table: string): void {
    this.#table = table
    const own = OWN_TABLE.exec(table)?.[1]
    if (own !== undefined) this.found.set(own, '')
  }

  #readItems(text: string): void {
    for (const [, , item = ''] of text.matchAll(/(["'])(.*?)\1/g)) {
      const requirement = pythonRequirement(item)
      if (requirement !== undefined) this.found.set(...requirement)
    }
    // A bracket within an item, `"name[extra]"`, ends no list.
    const bare = text.replaceAll(/(["']).*?\1/g, '').replace(/#.*$/, '')
    this.#isInList = !bare.includes(']') && (this.#isInList || bare.includes('['))
  }
}

function isListOfRequirements(table: string, key: string): boolean {
  return (
    (table === 'project' && key === 'dependencies') ||
    (table === 'build-system' && key === 'requires') ||
    ((table === 'project.optional-dependencies' || table === 'dependency-groups') && key !== '')
  )
}

function sourceOf(value: string): string {
  return /\b(?:git|path|url|registry)\s*=\s*["']([^"']+)["']/.exec(value)?.[1] ?? ''
}

function unquoted(text: string): string {
  return text.replaceAll(/["']/g, '')
}
