import { expect, test } from 'vitest'
import type { Department } from '../features/department.ts'
import { requiredReviewers, type ReviewedChange } from './required-reviewers.ts'

function department(name: string, more: Partial<Department> = {}): Department {
  return { name, owns: [], reviews: [], hasVeto: false, ...more }
}

const departments = [
  department('backend', { owns: ['src/api/**', '!src/api/docs/**'], reviews: ['backend'] }),
  department('frontend', { owns: ['src/ui/**'], reviews: ['src/shared/**', 'docs'] }),
  department('security', { reviews: ['backend', '**/auth/**'] }),
  department('docs'),
]

test.each<[string, Partial<ReviewedChange>, string[]]>([
  ['who reviews the author', { author: 'backend', paths: ['src/api/x.ts'] }, ['security']],
  ['who owns what it touches', { author: 'docs', paths: ['src/api/x.ts'] }, ['backend', 'frontend']],
  ['not what its owner released', { author: 'security', paths: ['src/api/docs/x.md'] }, []],
  ['who wants to see such files', { author: 'frontend', paths: ['src/ui/auth/login.ts'] }, ['security']],
  [
    'each once, in the order of the feature',
    { author: 'docs', paths: ['src/ui/auth/a', 'src/api/a', 'src/shared/a'] },
    ['backend', 'frontend', 'security'],
  ],
  ['never the author, who may claim what it likes', { author: 'backend', paths: ['src/api/x.ts'] }, ['security']],
  ['nobody for what nobody wants to see', { author: 'frontend', paths: ['src/ui/a.ts'] }, []],
  [
    'all who claim anything, where there are too many paths to know',
    { author: 'docs', paths: [], isCut: true },
    ['backend', 'frontend', 'security'],
  ],
])('%s', (_what, change, expected) => {
  expect(namesOf(change)).toEqual(expected)
})

test('a department called reviewer sees everything but its own work', () => {
  const all = [...departments, department('reviewer')]
  expect(namesOf({ departments: all, author: 'frontend', paths: ['README.md'] })).toEqual(['reviewer'])
  expect(namesOf({ departments: all, author: 'reviewer', paths: ['README.md'] })).toEqual([])
})

test('a veto stays until it is taken back, also when the change moves out of its sight', () => {
  const all = [department('author'), department('strict', { reviews: ['a/**'], hasVeto: true }), department('mild', { reviews: ['a/**'] })]
  expect(namesOf({ departments: all, author: 'author', paths: ['b/x'], objected: ['strict', 'mild'] })).toEqual(['strict'])
})

function namesOf(change: Partial<ReviewedChange>): string[] {
  const whole = { author: '', departments, paths: [], isCut: false, objected: [], ...change }
  return requiredReviewers(whole).map(({ name }) => name)
}
