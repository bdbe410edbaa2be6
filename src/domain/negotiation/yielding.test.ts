import { expect, test } from 'vitest'
import type { PartsOverlap } from '../radar/parts-overlap.ts'
import { choicesOf, readChoice } from './conflict-choice.ts'
import { decideYield, type Rules } from './yielding.ts'

const department = (name: string, owns: readonly string[]) => ({ name, owns, reviews: [], hasVeto: false })
const departments = new Map([
  ['p.f.api', department('api', ['src/api', 'src/shared'])],
  ['p.f.ui', department('ui', ['src/ui', '!src/ui/generated'])],
])
const side = (handle: string, lines: number) => ({ handle, head: 'c', isCommitted: true, lines })

function ruling(paths: readonly string[], lines: readonly [number, number] = [1, 1], contracts: Rules['contracts'] = []) {
  const files = paths.map((path) => ({ path, kind: 'contents', hunks: [] }))
  const overlap: PartsOverlap = { one: side('p.f.api', lines[0]), other: side('p.f.ui', lines[1]), files, fileCount: files.length }
  const { yields, why } = decideYield(overlap, { contracts, departments })
  return `${yields}: ${why}`
}

test('the owner of the contract keeps, then the owner of more of the files, then who has more at stake; at last the earlier name', () => {
  const contracts = [{ files: ['src/shared/**'], owner: 'ui' }]
  expect(ruling(['src/shared/a.ts'], [9, 1], contracts)).toBe('p.f.api: p.f.ui owns the contract')
  expect(ruling(['src/shared/a.ts'])).toBe('p.f.ui: p.f.api owns the file')
  expect(ruling(['src/ui/a.ts', 'src/ui/b.ts', 'src/api/a.ts'])).toBe('p.f.api: p.f.ui owns the files')
  expect(ruling(['src/ui/a.ts', 'src/api/a.ts'], [2, 3])).toBe('p.f.api: p.f.api has fewer conflicting lines (2 against 3)')
  expect(ruling(['src/ui/generated/a.ts', 'b.ts'], [4, 3])).toBe('p.f.ui: p.f.ui has fewer conflicting lines (3 against 4)')
  expect(ruling(['b.ts'])).toBe('p.f.ui: neither owns more of it nor has fewer conflicting lines, and the earlier name keeps')
})

test('an answer is an option by its number or its words, an approval of the first, or what both are to hear', () => {
  const rule = { keeps: 'p.f.api', yields: 'p.f.ui', why: '' }
  expect(choicesOf(rule)).toHaveLength(5)
  expect(readChoice(' 4. ', rule)).toMatchObject({ kind: 'drop', ruling: { yields: 'p.f.ui' } })
  expect(readChoice('P.f.ui yields: it merges what p.f.api has', rule)).toMatchObject({ kind: 'yield', ruling: { yields: 'p.f.ui' } })
  expect(readChoice('', rule, 'approve')).toMatchObject({ kind: 'yield', ruling: { keeps: 'p.f.api' } })
  for (const words of ['0', '6', '2 of them go']) expect(readChoice(words, rule)).toEqual({ kind: 'words', text: words })
})
