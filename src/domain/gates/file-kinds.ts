import { compileGlobs, matchesPath } from '../../foundation/glob.ts'
import type { GateFile, Manifest } from './commit-facts.ts'

const LICENCE = /^(?:UN)?(?:[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]|[Cc][Oo][Pp][Yy][Ii][Nn][Gg]|NOTICE)(?:-[A-Z0-9.]+)*(?:\.(?:md|txt|rst|html))?$/
const MIGRATIONS = compileGlobs(['**/migrations/**', '**/db/migrate/**', '**/alembic/versions/**', '**/*.sql'])
const TESTS = compileGlobs([
  '**/*.{test,spec}.*',
  '**/*_{test,spec}.*',
  '**/test_*.py',
  '**/{test,tests,spec,__tests__}/**/*.*',
  '**/*{Test,Tests,Spec}.{java,kt,cs,scala,swift}',
])

export function isLicence({ path, from = path }: GateFile): boolean {
  return [path, from].some((name) => LICENCE.test(name.slice(name.lastIndexOf('/') + 1)))
}

export function isMigration({ path, from = path }: GateFile): boolean {
  return matchesPath(MIGRATIONS, path) || matchesPath(MIGRATIONS, from)
}

/** A test that is gone, or is none any more under its new name. */
export function isLostTest({ path, from, change }: GateFile): boolean {
  if (change === 'deleted') return matchesPath(TESTS, path)
  return from !== undefined && matchesPath(TESTS, from) && !matchesPath(TESTS, path)
}

/** What the manifest says of the project's own licence has changed. */
export function changesLicenceField({ before = '', after = '' }: Manifest): boolean {
  return after !== '' && before !== '' && licenceField(before) !== licenceField(after)
}

/** In JSON and TOML alike; of several (a nested package) the first. */
function licenceField(text: string): string {
  return /^\s*["']?licen[cs]es?(?:-file)?["']?\s*[:=]\s*(.*?),?\s*$/m.exec(text)?.[1] ?? ''
}
