import { expect, test } from 'vitest'
import { chosenAnswers } from './chosen-answers.ts'

const auth = { text: 'Which?', isMultiple: false, options: [{ label: 'JWT' }, { label: 'Session cookie' }, { label: 'Session token' }] }

test.each([
  ['2', 'Session cookie'],
  ['jwt', 'JWT'],
  ['session c', 'Session cookie'],
  ['session', 'session'],
  ['7', '7'],
  ['something else', 'something else'],
])('%s means %s', (typed, meant) => {
  expect(chosenAnswers([auth], [typed])).toEqual([meant])
})

test('each question has its own options, and one may take several of them', () => {
  const features = { text: 'Which ones?', isMultiple: true, options: [{ label: 'Search' }, { label: 'Export' }] }
  expect(chosenAnswers([auth, features], ['1', '1, export, print'])).toEqual(['JWT', 'Search, Export, print'])
})
