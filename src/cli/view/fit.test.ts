import { expect, test } from 'vitest'
import { fit, wrap } from './fit.ts'

test('a text is broken at spaces, and cut where its lines are used up', () => {
  expect(wrap('one two three', 7, 3)).toEqual(['one two', 'three'])
  expect(wrap('one two three four', 7, 2)).toEqual(['one two', 'three …'])
  expect(wrap('onetwothree', 5, 3)).toEqual(['onetw', 'othre', 'e'])
  expect(wrap('界界界', 4, 2)).toEqual(['界界', '界'])
  expect(wrap('', 5, 2)).toEqual([''])
  expect(fit('abc', 2)).toBe('a…')
})
