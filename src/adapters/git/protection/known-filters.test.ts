import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../../test/support/temporary.ts'
import { recordFilters } from './known-filters.ts'

test('tasks that begin at once keep one record, and it is the first one', async () => {
  const root = join(temporaryFolder(), 'repo')
  mkdirSync(root)
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: root })
  git('init', '-q')
  git('config', 'filter.mine.clean', 'cat')
  const place = { root, commonDir: join(root, '.git'), isBare: false, objectFormat: 'sha1' } as const
  await Promise.all(Array.from({ length: 8 }, () => recordFilters(place)))
  const record = (): string => readFileSync(join(root, '.git/orch/filters.json'), 'utf8')
  const first = record()
  expect(first).toContain('mine')
  git('config', 'filter.planted.clean', 'evil')
  await recordFilters(place)
  expect(record()).toBe(first)
  expect(readdirSync(join(root, '.git/orch'))).toEqual(['filters.json'])
})
