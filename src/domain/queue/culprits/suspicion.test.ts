import { expect, test } from 'vitest'
import type { ChangeEvidence, FailureEvidence } from './suspicion.ts'
import { rankSuspects, wordsOf } from './suspicion.ts'

function failing(change: Partial<FailureEvidence['failure']>, rest: Partial<FailureEvidence> = {}): FailureEvidence {
  return { failure: { file: 'test/cart.test.ts', name: 'cart > adds up', message: '', frames: [], ...change }, imports: new Map(), ...rest }
}

function changing(member: string, files: readonly string[], rest: Partial<ChangeEvidence> = {}): ChangeEvidence {
  return { member, changed: [], files: new Set(files), words: new Set(), blamed: [], ...rest }
}

function order(failure: FailureEvidence, changes: readonly ChangeEvidence[]): readonly string[] {
  return rankSuspects([failure], changes)[0]?.suspects.map(({ member }) => member) ?? []
}

const frames = [
  { path: 'src/price.ts', line: 12 },
  { path: 'test/cart.test.ts', line: 30 },
]

test('who is blamed for the failing line comes before who changed the test', () => {
  const test = changing('test', ['test/cart.test.ts'], { changed: [{ path: 'test/cart.test.ts', from: 28, to: 33 }] })
  const line = changing('line', ['src/price.ts'], { blamed: [{ path: 'src/price.ts', line: 12 }] })
  expect(order(failing({ frames }, { block: { path: 'test/cart.test.ts', from: 25, to: 35 } }), [test, line])).toEqual(['line', 'test'])
})

test('the innermost blamed frame counts most', () => {
  const outer = changing('outer', [], { blamed: [{ path: 'test/cart.test.ts', line: 30 }] })
  const inner = changing('inner', [], { blamed: [{ path: 'src/price.ts', line: 12 }] })
  expect(order(failing({ frames }), [outer, inner])).toEqual(['inner', 'outer'])
})

test('a change of the own block, of the own file elsewhere, of a file that is imported', () => {
  const at = (from: number) => ({ changed: [{ path: 'test/cart.test.ts', from, to: from + 1 }] })
  const changes = [
    changing('imported', ['src/total.ts']),
    changing('elsewhere', ['test/cart.test.ts'], at(90)),
    changing('block', ['test/cart.test.ts'], at(26)),
    changing('nothing', ['README.md']),
  ]
  const failure = failing({}, { block: { path: 'test/cart.test.ts', from: 25, to: 35 }, imports: new Map([['src/total.ts', 1]]) })
  expect(order(failure, changes)).toEqual(['block', 'elsewhere', 'imported'])
})

test('a regression in a test that nobody touched: the nearest import, and a frame before that', () => {
  const imports = new Map([
    ['src/cart.ts', 1],
    ['src/price.ts', 2],
    ['src/money.ts', 3],
  ])
  const changes = [changing('far', ['src/money.ts']), changing('docs', ['docs/a.md']), changing('near', ['src/cart.ts'])]
  expect(order(failing({}, { imports }), changes)).toEqual(['near', 'far'])
  expect(order(failing({ frames: [{ path: 'src/money.ts', line: 400 }] }, { imports }), changes)).toEqual(['far', 'near'])
})

test('rare words that message and change share; words of every change count nothing', () => {
  const changes = [
    changing('a', [], { words: wordsOf('const total = sum(items)') }),
    changing('b', [], { words: wordsOf('const total = roundHalfEven(items)') }),
  ]
  expect(order(failing({ message: 'TypeError: roundHalfEven is not a function at total' }), changes)).toEqual(['b'])
  expect(order(failing({ message: 'total items' }), changes)).toEqual([])
})

test('a compiler that names a file points at who changed it, and not at a file whose name only begins so', () => {
  const changes = [changing('other', ['src/price.tsx', 'rice.ts']), changing('named', ['src/price.ts'])]
  expect(order(failing({ name: 'build', message: './src/price.ts(3,7): error TS2322' }), changes)).toEqual(['named'])
})

test('an export that is gone: who changed the module comes before who changed its importer', () => {
  const message =
    "import { total } from '../price.js'\nSyntaxError: The requested module '../price.js' does not provide an export named 'total'"
  const near = changing('importer', ['src/cart/cart.js'], { changed: [{ path: 'src/cart/cart.js', from: 1, to: 4 }] })
  const changes = [near, changing('module', ['src/price.js']), changing('namesake', ['src/cart/price.js'])]
  expect(order(failing({ message, frames: [{ path: 'src/cart/cart.js', line: 2 }] }), changes)).toEqual(['module', 'importer'])
  const caller = changing('caller', [], { blamed: [{ path: 'src/cart/cart.js', line: 2 }] })
  expect(order(failing({ message, frames: [{ path: 'src/cart/cart.js', line: 2 }] }), [...changes, caller])[0]).toBe('caller')
})

test('ties keep the order in which the changes came, and each test is ranked by itself', () => {
  const changes = [changing('x', ['src/a.ts']), changing('y', ['src/a.ts']), changing('z', ['src/b.ts'])]
  const one = failing({ name: 'one' }, { imports: new Map([['src/a.ts', 1]]) })
  const two = failing({ name: 'two' }, { imports: new Map([['src/b.ts', 1]]) })
  const rankings = rankSuspects([one, two], changes)
  expect(rankings.map(({ test, suspects }) => [test.name, suspects.map(({ member }) => member)])).toEqual([
    ['one', ['x', 'y']],
    ['two', ['z']],
  ])
})
