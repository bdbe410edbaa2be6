import { expect, it } from 'vitest'
import type { Sha } from '../../foundation/brand.ts'
import { redWords } from './stop-words.ts'

it('says which tests of a red target fail, else how its command ended', () => {
  const end = {
    kind: 'red-target',
    commit: 'a'.repeat(40) as Sha,
    step: 'test',
    tests: [],
    summary: 'sleep 5 took longer than 1 s and was stopped',
  } as const
  const line = (what: string) => `main itself fails at aaaaaaaaaa (${what}): mend it there, the queue goes on by itself`
  expect(redWords('main', { ...end, tests: ['a', 'b', 'c', 'd'] })).toBe(line('test: a, b, c …'))
  expect(redWords('main', end)).toBe(line('test: sleep 5 took longer than 1 s and was stopped'))
  expect(redWords('main', { ...end, summary: '' })).toBe(line('test'))
})
