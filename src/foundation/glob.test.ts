import fc from 'fast-check'
// @ts-expect-error -- picomatch ships no types; here it only judges
import picomatch from 'picomatch'
import { describe, expect, test } from 'vitest'
import { compileGlobs, matchesPath } from './glob.ts'

const segment = fc.constantFrom(
  '*',
  '**',
  '?',
  'a',
  'b',
  'ab',
  '*.ts',
  'a*',
  '?b',
  '[ab]',
  '[^a]',
  '[a-c]x',
  '{a,b}',
  '{a,b}*',
  'a{b,c}',
  '.x',
  '*b*',
)
const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ab', 'ac', 'bx', 'x.ts', '.x', 'aab'), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))

describe('globs', () => {
  test('match as picomatch does, but for the folders that plain names claim', () => {
    fc.assert(
      fc.property(glob, path, (pattern, candidate) => {
        const expected: boolean = picomatch([pattern, ...plainFolder(pattern)], { dot: true, noextglob: true })(candidate)
        // For picomatch `a/**` matches the folder itself only where `a` is plain.
        const isFolder = pattern.endsWith('/**') && matchesPath(compileGlobs([pattern.slice(0, -3)]), candidate)
        expect(matchesPath(compileGlobs([pattern]), candidate)).toBe(expected || isFolder)
      }),
      { numRuns: 3000 },
    )
  })

  test('a plain name claims what is below it, a trailing slash too', () => {
    const claims = (pattern: string, candidate: string) => matchesPath(compileGlobs([pattern]), candidate)
    expect(claims('src/api', 'src/api/deep/x.ts')).toBe(true)
    expect(claims('src/api', 'src/api')).toBe(true)
    expect(claims('src/api', 'src/api-x')).toBe(false)
    expect(claims('./src/', 'src/a')).toBe(true)
    expect(claims('src/*', 'src/a/b')).toBe(false)
    expect(claims('*/**/**', 'a')).toBe(true)
    expect(claims('a\\*b', 'a*b')).toBe(true)
    expect(claims('a\\*b', 'axb')).toBe(false)
  })

  test('what is not understood is matched too much and says so', () => {
    for (const [pattern, candidate] of [
      ['@(a/b|c)', 'c'],
      ['x/+(a|b)/y', 'x/ab/y'],
      ['f{1..3}', 'f2'],
      ['[[:alpha:]]x', 'qx'],
      [`{${'a,'.repeat(200)}q}`, 'q'],
    ] as const) {
      const automaton = compileGlobs([pattern])
      expect(automaton.isExact).toBe(false)
      expect(matchesPath(automaton, candidate)).toBe(true)
    }
  })
})

/** Alternatives whose last segment is a plain name. */
function plainFolder(pattern: string): string[] {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1)
  const plain = ({ '{a,b}': '{a,b}', 'a{b,c}': 'a{b,c}' } as Record<string, string>)[last] ?? (/^[.a-z]+$/.test(last) ? last : undefined)
  return plain === undefined ? [] : [`${pattern}/**`]
}
