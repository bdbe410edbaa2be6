import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'

const root = join(import.meta.dirname, '../..')

/** How many packages of other platforms the lock lacks, and the lock with them. */
function complete(lock: string): { said: string; lock: string } {
  const path = join(temporaryTree({ 'package-lock.json': lock }), 'package-lock.json')
  const said = execFileSync(process.execPath, [join(root, 'tooling/complete-lockfile.mjs'), path], { encoding: 'utf8' })
  return { said, lock: readFileSync(path, 'utf8') }
}

test('a package of another platform that the lock lacks is found and added with its platform', () => {
  const planted = {
    packages: { '': {}, 'node_modules/a': { dev: true, optionalDependencies: { '@a/darwin-arm64': '1.2.3', fsevents: '~2.3.3' } } },
  }
  const { said, lock } = complete(JSON.stringify(planted))
  expect(said).toContain('1 packages')
  expect(JSON.parse(lock)).toMatchObject({
    packages: { 'node_modules/@a/darwin-arm64': { version: '1.2.3', os: ['darwin'], cpu: ['arm64'], dev: true, optional: true } },
  })
})

test('npm ci works on every platform: the lock is complete (else run: node tooling/complete-lockfile.mjs)', () => {
  expect(complete(readFileSync(join(root, 'package-lock.json'), 'utf8')).said).toContain('0 packages')
})
