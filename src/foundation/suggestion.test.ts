import { expect, test } from 'vitest'
import { nearest } from './suggestion.ts'

test('the nearest word is suggested, a far one is not', () => {
  expect(nearest('need', ['id', 'needs', 'owns'])).toBe('needs')
  expect(nearest('onws', ['id', 'needs', 'owns'])).toBe('owns')
  expect(nearest('ids', ['id', 'needs'])).toBe('id')
  expect(nearest('note', ['id', 'needs', 'model'])).toBeUndefined()
  expect(nearest('x'.repeat(5000), ['id', 'needs'])).toBeUndefined()
})
