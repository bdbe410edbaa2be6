import { expect, test } from 'vitest'
import type { OverlapFact } from './overlap-fact.ts'
import { overlapsKey, partsOverlaps } from './parts-overlap.ts'

const PARTS = new Set(['p.f.a', 'p.f.b'])

function fact(other: OverlapFact['other']['party'], text: string, more: Partial<OverlapFact> = {}): OverlapFact {
  return {
    one: {
      party: {
        kind: 'task',
        handle: 'p.f.a',
      },
      head: 'c1',
      work: 'committed',
    },
    other: {
      party: other,
      head: 'c2',
      work: 'uncommitted',
    },
    files: [
      {
        path: 'a.ts',
        kind: 'contents',
        hunks: [
          {
            line: 1,
            one: text,
            other: 'x\ny\n',
          },
        ],
      },
    ],
    fileCount: 1,
    since: 1,
    seenAt: 2,
    survived: 0,
    ...more,
  }
}

test('only what is between two parts is theirs to settle', () => {
  const facts = [
    fact({ kind: 'target', branch: 'main' }, 'l'),
    fact({ kind: 'task', handle: 'p.other' }, 'l'),
    fact({ kind: 'task', handle: 'p.f.b' }, 'l'),
  ]
  expect(partsOverlaps(facts, PARTS)).toEqual([
    {
      one: { handle: 'p.f.a', head: 'c1', isCommitted: true, lines: 1 },
      other: { handle: 'p.f.b', head: 'c2', isCommitted: false, lines: 2 },
      files: [{ path: 'a.ts', kind: 'contents', hunks: [{ line: 1, one: 'l', other: 'x\ny\n' }] }],
      fileCount: 1,
    },
  ])
})

test('what is long is counted and left out; another wording of the same conflict is no change, another commit is', () => {
  const between = (text: string, more: Partial<OverlapFact> = {}) =>
    partsOverlaps([fact({ kind: 'task', handle: 'p.f.b' }, text, more)], PARTS)
  const long = between('line\n'.repeat(5000))
  expect(long).toMatchObject([{ one: { lines: 5000 }, files: [{ hunks: [] }] }])
  expect(overlapsKey(long)).toBe(overlapsKey(between('short')))
  const moved = { one: { party: { kind: 'task', handle: 'p.f.a' }, head: 'c9', work: 'committed' } } as const
  expect(overlapsKey(between('short', moved))).not.toBe(overlapsKey(long))
})
