import { readFileSync } from 'node:fs'

/** package.json stands two folders up from here, in src/cli as in dist/cli. */
export function ownVersion(): string {
  const read: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : '0.0.0'
}
