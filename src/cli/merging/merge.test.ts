import { describe, expect, it } from 'vitest'
import type { Sha } from '../../foundation/brand.ts'
import type { Breakage } from '../../domain/queue/entry.ts'
import { mergeLine } from './merge.ts'

const fails = {
  kind: 'fails',
  base: 'a'.repeat(40) as Sha,
  step: 'test',
  failures: [],
  summary: 'sh check.sh ended with 1',
  tail: 'begin\n\none\n\n\u001B[31mtwo\u001B[39m\nthree\n',
  log: '/home/logs/1.log',
} as const

const lineOf = (breakage: Breakage) =>
  mergeLine({ handle: 'agent/1', branch: 'agent/1', outcome: 'sent-back', reason: 'why', breakage, next: 'mend it' })

describe('what is said of an entry that was sent back', () => {
  it('names the first failing tests with their places and messages', () => {
    const failure = { name: 'adds', file: 'test/a.test.js', message: 'Expected 5\u001B[2J\n at x', frames: [{ path: 'src/a.js', line: 5 }] }
    const failures = [failure, { ...failure, frames: [] }, { name: 'unknown', message: 'boom', frames: [] }, failure]
    expect(lineOf({ ...fails, failures }).split('\n')).toEqual([
      'agent/1: sent back: why',
      '  src/a.js:5  Expected 5',
      '  test/a.test.js  Expected 5',
      '  boom',
      '  Output: /home/logs/1.log',
      '  Next: mend it',
    ])
  })
  it('shows the end of the output where no report names a test', () => {
    expect(lineOf(fails).split('\n')).toEqual([
      'agent/1: sent back: why',
      '  | one',
      '  | two',
      '  | three',
      '  Output: /home/logs/1.log',
      '  Next: mend it',
    ])
  })
})
