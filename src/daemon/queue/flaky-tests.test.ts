import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeAt } from '../../config/home.ts'
import { FlakyTests } from './flaky-tests.ts'
import { queueFiles } from './queue-files.ts'

test('flaky tests are counted by step, the latest first, and the oldest are forgotten', async () => {
  const home = homeAt(temporaryFolder())
  const flaky = new FlakyTests(home)
  expect(await flaky.list('app')).toEqual([])
  await Promise.all([
    flaky.note('app', 'test', [{ file: 'a.js', name: 'one' }, { name: 'two' }], 1),
    flaky.note('app', 'test', [{ file: 'a.js', name: 'one' }], 2),
    flaky.note('app', 'e2e', [{ file: 'a.js', name: 'one' }], 3),
  ])
  expect(await new FlakyTests(home).list('app')).toEqual([
    { file: 'a.js', name: 'one', step: 'e2e', count: 1, firstAt: 3, lastAt: 3 },
    { file: 'a.js', name: 'one', step: 'test', count: 2, firstAt: 1, lastAt: 2 },
    { name: 'two', step: 'test', count: 1, firstAt: 1, lastAt: 1 },
  ])
  const many = Array.from({ length: 1200 }, (_, index) => ({ name: `t${index}` }))
  await flaky.note('app', 'test', many, 4)
  const kept = await flaky.list('app')
  expect(kept).toHaveLength(1000)
  expect(kept.every(({ lastAt }) => lastAt === 4)).toBe(true)
  writeFileSync(queueFiles(home, 'app').flakyTests, '{')
  expect(await flaky.list('app')).toEqual([])
})
