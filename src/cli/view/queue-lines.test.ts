import { describe, expect, it } from 'vitest'
import type { QueueResponse } from '../../protocol/queue.ts'
import { queueLines } from './queue-lines.ts'

const now = Date.parse('2026-01-02T03:04:05Z')
const quiet: QueueResponse = { schema: 1, project: 'shop', version: 1, isPaused: false, targets: [], held: [] }
const batch = {
  id: 'batch.1',
  since: new Date(now - 4000).toISOString(),
  work: 'testing',
  why: 'batch',
  step: 'test',
  members: ['agent/1'],
  suspects: [],
  leftMs: 7000,
  runs: [],
} as const
const busy: QueueResponse = { ...quiet, suiteMs: 600, targets: [{ target: 'main', entries: [], batch }] }

describe('what orch queue says', () => {
  it('names what is tested and waits for a checkout, though nothing is in the queue', () => {
    const held = [{ name: 'agent/1', target: 'main', checkout: '/work', dirty: ['a', 'b', 'c', 'd', 'e', 'f'] }]
    expect(queueLines(quiet, now)).toEqual(['shop: nothing waits to land'])
    expect(queueLines({ ...quiet, held }, now)).toEqual([
      'agent/1: tested, waits for your checkout of main: /work has uncommitted changes (a, b, c, d, e and 1 more)',
      '  Next: commit or stash there; it lands by itself then',
    ])
  })
  it('counts down what is left, and says nothing of it when that is over', () => {
    const line = (at: number, asOf: number) => queueLines(busy, at, asOf)[1]
    expect(line(now, now)).toBe('  tests all of them together (test): agent/1; 0 runs so far in 4 s, about 7 s left')
    expect(line(now + 5000, now)).toBe('  tests all of them together (test): agent/1; 0 runs so far in 9 s, about 2 s left')
    expect(line(now + 7000, now)).toBe('  tests all of them together (test): agent/1; 0 runs so far in 11 s')
    expect(queueLines(busy, now).at(-1)).toBe('one run of the whole suite takes about a second')
  })
})
