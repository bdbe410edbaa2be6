import { expect, test } from 'vitest'
import { hunksBetweenMarks } from './marked-hunks.ts'

test('both sides of each hunk are found, with the line where it begins', () => {
  const text = [
    'a.ts',
    '@@ line 10 @@',
    'around',
    '<<<<<<< ours',
    'left',
    'more',
    '=======',
    'right',
    '>>>>>>> theirs',
    'around',
    '@@ line 40 @@',
    '<<<<<<< ours',
    '=======',
    'new',
    '>>>>>>> theirs',
    '<<<<<<< ours',
    'cut off',
  ].join('\n')
  expect(hunksBetweenMarks(text)).toEqual([
    { line: 11, one: 'left\nmore\n', other: 'right\n' },
    { line: 40, one: '', other: 'new\n' },
  ])
  expect(hunksBetweenMarks('a.png\nbinary')).toEqual([])
})
