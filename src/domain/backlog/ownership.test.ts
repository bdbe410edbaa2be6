import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globProblem, literalPrefix, ownersOf, ownsPath, sharedPath, splitGlobs } from './ownership.ts'

const name = fc.constantFrom('a', 'b', 'ab', 'x.ts', 'x.md', 'src')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const segment = fc.oneof(name, fc.constantFrom('*', '**', '*.ts', '*.{ts,md}', 'a*', '?', '[ab]', '[!x]*', '{a,src}', '@(a|b)', '+(a|b)'))
const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
const globs = fc.array(fc.oneof({ weight: 4, arbitrary: glob }, { weight: 1, arbitrary: glob.map((text) => `!${text}`) }), {
  minLength: 1,
  maxLength: 4,
})

describe('ownership', () => {
  test('two sets that claim a common path are never said to be apart', () => {
    fc.assert(
      fc.property(globs, globs, fc.array(path, { minLength: 10, maxLength: 40 }), (first, second, paths) => {
        const common = paths.find((candidate) => ownsPath(first, candidate) && ownsPath(second, candidate))
        if (common !== undefined) expect(sharedPath(first, second), common).toBeDefined()
      }),
      { numRuns: 500 },
    )
  })

  test('literal beginnings never part two globs that share a path', () => {
    fc.assert(
      fc.property(glob, glob, (first, second) => {
        const [a, b] = [literalPrefix(first), literalPrefix(second)]
        if (!a.startsWith(b) && !b.startsWith(a)) expect(sharedPath([first], [second])).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('the example given is claimed by both', () => {
    fc.assert(
      fc.property(globs, globs, (first, second) => {
        const shared = sharedPath(first, second)
        if (shared === undefined || shared === '') return
        expect(ownsPath(first, shared)).toBe(true)
        expect(ownsPath(second, shared)).toBe(true)
        expect(shared).not.toMatch(/^\/|\/$|\/\//)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    [['src/api/**'], ['src/web/**'], false],
    [['src/**'], ['src/api/**'], true],
    [['src/api'], ['src/api/users.ts'], true],
    [['src/api'], ['src/api-client'], false],
    [['*.ts'], ['src/*.ts'], false],
    [['**/*.ts'], ['src/**'], true],
    [['**/*.ts'], ['docs/**/*.md'], false],
    [['src/{api,web}/**'], ['src/web/x'], true],
    [['src/{api,web}/**'], ['src/core/**'], false],
    [['src/**', '!src/api/**'], ['src/api/**'], false],
    [['src/**', '!src/api/*.ts'], ['src/api/**'], true],
    [['**'], ['**', '!**'], false],
    [['[a-m]*'], ['[n-z]*'], false],
    [['src/**', '!src/@(api)/**'], ['src/api/**'], true],
  ] as const)('%j and %j share a path: %s', (first, second, isShared) => {
    expect(sharedPath(first, second) !== undefined).toBe(isShared)
    expect(sharedPath(second, first) !== undefined).toBe(isShared)
  })

  test('hostile globs end, with an overlap if need be', () => {
    const stars = Array.from({ length: 30 }, (_, index) => `${'*a'.repeat(20)}${index}`)
    expect(sharedPath(stars, ['a*'.repeat(40)])).toBeDefined()
  })

  test('owners, prefixes, parts, refusals', () => {
    const tasks = [{ owns: ['src/**'] }, { owns: ['docs'] }, { owns: [] }]
    expect(ownersOf('docs/a.md', tasks)).toEqual([tasks[1]])
    expect(ownersOf('x', tasks)).toEqual([])
    expect(literalPrefix('./src/api/*.ts')).toBe('src/api/')
    expect(literalPrefix('src//api')).toBe('src/api/')
    expect(splitGlobs('a/{b,c}, d,, e')).toEqual(['a/{b,c}', 'd', 'e'])
    for (const bad of ['/etc', '../x', 'a/../../b', '~/x', 'C:\\x', '!', '', '.', './', 'a'.repeat(300)])
      expect(globProblem(bad), bad).toBeDefined()
    for (const good of ['**', 'src/**', '!src/x', '-x', 'a b/*.ts', '..x']) expect(globProblem(good), good).toBeUndefined()
  })
})
