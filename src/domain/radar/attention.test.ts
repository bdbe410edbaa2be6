import { expect, test } from 'vitest'
import { lookFor, newcomer, notice, type Attention, type Sign } from './attention.ts'

const looked = (at: number): Attention => lookFor(newcomer(), at, false).left
const after = (attention: Attention, ...signs: readonly Sign[]): Attention =>
  signs.reduce((now, sign) => notice(now, sign).attention, attention)

test('a newcomer is looked at whole, and then only where it says that it wrote', () => {
  expect(lookFor(newcomer(), 0, false).changed).toBe('unknown')
  const wrote = after(looked(0), { kind: 'wrote', path: 'a' }, { kind: 'file-moved', path: 'b' }, { kind: 'wrote', path: 'a' })
  const { changed, left } = lookFor(wrote, 1, false)
  expect(changed).toEqual(['a', 'b'])
  expect(lookFor(left, 2, false).changed).toEqual([])
})

test('the end of a turn is a whole look at once; a command is one for which nobody waits', () => {
  expect(notice(looked(0), { kind: 'turn-ended' }).due).toBe('now')
  expect(lookFor(after(looked(0), { kind: 'turn-ended' }), 1, false).changed).toBe('unknown')
  expect(notice(looked(0), { kind: 'may-have-written' }).due).toBe('later')
  const commanded = after(looked(0), { kind: 'may-have-written' })
  expect(lookFor(commanded, 59_999, false).changed).toEqual([])
  expect(lookFor(commanded, 60_000, false).changed).toBe('unknown')
  // And no weaker sign takes a stronger one back.
  expect(lookFor(after(looked(0), { kind: 'turn-ended' }, { kind: 'may-have-written' }), 1, false).changed).toBe('unknown')
})

test('an index that moves all the time is looked at every ten seconds', () => {
  const moved = after(looked(1000), { kind: 'index-moved' })
  expect(notice(moved, { kind: 'index-moved' }).due).toBe('now')
  expect(lookFor(moved, 10_999, false).changed).toEqual([])
  expect(lookFor(moved, 11_000, false).changed).toBe('unknown')
  // A clock that was set back puts nothing off.
  expect(lookFor(moved, 0, false).changed).toBe('unknown')
})

test('a sweep looks at everything, and thousands of paths are a whole look', () => {
  expect(lookFor(looked(0), 1, true).changed).toBe('unknown')
  const many = Array.from({ length: 2000 }, (_, at): Sign => ({ kind: 'wrote', path: `file-${at}` }))
  expect(lookFor(after(looked(0), ...many), 1, false).changed).toBe('unknown')
})
