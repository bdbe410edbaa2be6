import type { Dependencies } from './manifest.ts'

const GROUPS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'require',
  'require-dev',
  'imports',
] as const

/** package.json, composer.json, deno.json. */
export function jsonDependencies(text: string): Dependencies | undefined {
  const manifest = parse(text)
  if (!isRecord(manifest)) return undefined
  const found = new Map<string, string>()
  for (const group of GROUPS) {
    const entries = manifest[group]
    if (!isRecord(entries)) continue
    for (const [name, version] of Object.entries(entries)) {
      // `"#internal": "./src/x.js"` of package.json's imports is a path of its own.
      if (group === 'imports' && (name.startsWith('#') || name.startsWith('.') || name.startsWith('@/'))) continue
      found.set(name, sourceOf(version))
    }
  }
  return found
}

/** A version comes from the registry; an address, a path or an alias says from where. */
function sourceOf(version: unknown): string {
  return typeof version === 'string' && /[:/]/.test(version) && !/^(?:workspace|catalog):/.test(version) ? version : ''
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
