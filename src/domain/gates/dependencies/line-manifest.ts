import type { Dependencies } from './manifest.ts'

/** `name==1.0`, `-r other.txt` (no dependency of its own), `git+https://…#egg=name`. */
export function requirements(text: string): Dependencies {
  return fromLines(text, (line) => {
    const plain = line.replace(/(?:^|\s)#.*$/, '').trim()
    const address = /^(?:-e\s+|--editable[\s=])?([a-z+]+:\/\/\S+)/.exec(plain)
    if (address !== null) return [/#egg=([\w.-]+)/.exec(plain)?.[1] ?? address[1] ?? '', address[1] ?? '']
    return pythonRequirement(plain)
  })
}

/** PEP 508: `name[extra]>=1`, `name @ https://…`. */
export function pythonRequirement(text: string): readonly [name: string, source: string] | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)|[<>=!~;,(]|$)/.exec(text)
  if (match?.[1] === undefined) return undefined
  return [match[1].toLowerCase().replace(/[-_.]+/g, '-'), match[2] ?? '']
}

/** `require` and `replace` of go.mod. */
export function goModules(text: string): Dependencies {
  return fromLines(text, (line) => {
    const plain = line.replace(/\/\/.*$/, '').trim()
    const replaced = /^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)/.exec(plain)
    if (replaced?.[1] !== undefined) return [replaced[1], replaced[2] ?? '']
    const module = /^(?:require\s+)?([a-z0-9][\w.-]*\.[\w.-]+(?:\/[\w.~-]+)*)\s+v\d/i.exec(plain)?.[1]
    return module === undefined ? undefined : [module, '']
  })
}

/** Gemfile and gemspec. */
export function gems(text: string): Dependencies {
  return fromLines(text, (line) => {
    const match = /^\s*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[\s(]+["']([^"']+)["'](.*)$/.exec(line)
    if (match?.[1] === undefined) return undefined
    return [match[1], /\b(?:git|github|path|source)(?::|\s*=>)\s*["']([^"']+)["']/.exec(match[2] ?? '')?.[1] ?? '']
  })
}

/** `group:artifact` of every `<dependency>` and `<plugin>`. */
export function mavenArtifacts(text: string): Dependencies {
  const found = new Map<string, string>()
  for (const part of text.split(/<(?=(?:dependency|plugin)>)/).slice(1)) {
    const end = part.search(/<\/(?:dependency|plugin)>/)
    const body = end < 0 ? part : part.slice(0, end)
    const artifact = /<artifactId>\s*([^<\s]+)/.exec(body)?.[1]
    if (artifact !== undefined) found.set(`${/<groupId>\s*([^<\s]+)/.exec(body)?.[1] ?? ''}:${artifact}`, '')
  }
  return found
}

function fromLines(text: string, read: (line: string) => readonly [string, string] | undefined): Dependencies {
  return new Map(text.split('\n').flatMap((line) => [read(line.replace(/\r$/, ''))].filter((found) => found !== undefined)))
}
