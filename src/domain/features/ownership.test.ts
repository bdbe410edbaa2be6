import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTrespass, hasLimits, refusalWords, remarkWords, type Bounds } from './ownership.ts'

const frontend: Bounds = {
  mode: 'deny',
  department: 'frontend',
  owns: ['src/web/**', 'api/client.ts'],
  others: [
    { name: 'backend', owns: ['src/api/**'] },
    { name: 'docs', owns: [] },
  ],
  contracts: [
    { files: ['api/*.ts'], owner: 'backend' },
    { files: ['src/web/theme.ts'], owner: 'frontend' },
  ],
}
const loose: Bounds = { ...frontend, owns: [], department: 'docs', others: [{ name: 'backend', owns: ['src/api/**'] }] }

describe('what a task may change', () => {
  test.each([
    ['its own', frontend, 'src/web/a.ts', undefined],
    ['its own contract', frontend, 'src/web/theme.ts', undefined],
    ['what orch gave it', frontend, '.orch/outbox/x.md', undefined],
    ['its task', frontend, 'TASK.md', undefined],
    ['its notes', frontend, 'AGENT_NOTES.md', undefined],
    ['what it learned', frontend, '.planning/brain/x.md', undefined],
    ["another's", frontend, 'src/api/users.ts', { owner: 'backend', isContract: false }],
    ['what nobody owns', frontend, 'package.json', { isContract: false }],
    ['a contract, although its globs cover it', frontend, 'api/client.ts', { owner: 'backend', isContract: true }],
    ['a task that only looks like one', frontend, 'docs/TASK.md', { isContract: false }],
    ["without claims: another's", loose, 'src/api/users.ts', { owner: 'backend', isContract: false }],
    ['without claims: what nobody owns', loose, 'README.md', undefined],
    ['without claims: a contract', loose, 'api/client.ts', { owner: 'backend', isContract: true }],
  ] as const)('%s', (_what, bounds, path, trespass) => {
    expect(findTrespass(bounds, path)).toEqual(trespass && { path, ...trespass })
  })

  test('two departments whose globs are apart never may edit the same path', () => {
    const path = fc
      .array(fc.constantFrom('src', 'web', 'api', 'a.ts', 'b.ts'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
    const [web, api] = [['src/web/**'], ['src/api/**']]
    fc.assert(
      fc.property(path, (each) => {
        const one = findTrespass({ ...frontend, owns: web, contracts: [], others: [{ name: 'backend', owns: api }] }, each)
        const other = findTrespass(
          { ...frontend, department: 'backend', owns: api, contracts: [], others: [{ name: 'frontend', owns: web }] },
          each,
        )
        expect(one !== undefined || other !== undefined).toBe(true)
      }),
    )
  })

  test('where nobody owns anything there is nothing to look at', () => {
    expect(hasLimits(frontend)).toBe(true)
    expect(hasLimits(loose)).toBe(true)
    expect(hasLimits({ ...loose, others: [{ name: 'docs', owns: [] }], contracts: [] })).toBe(false)
    expect(hasLimits({ ...loose, others: [], contracts: [{ files: ['x'], owner: 'docs' }] })).toBe(false)
  })
})

test('the words say whose it is and whom to ask', () => {
  const theirs = { path: 'src/api/users.ts', owner: 'backend', isContract: false }
  expect(refusalWords(frontend, theirs)).toMatch(/belongs to backend.*orch need backend "…".*orch ask backend/)
  expect(refusalWords(frontend, { path: 'package.json', isContract: false })).toMatch(/outside.*orch ask human "…"/)
  expect(refusalWords(frontend, { path: 'api/x.ts', owner: 'backend', isContract: true })).toMatch(/contract that only backend changes/)
  const hostile = refusalWords(frontend, { path: 'a\u001b[31m\nb', isContract: false })
  expect([hostile.includes('\u001b'), hostile.includes('\n')]).toEqual([false, false])
  expect(remarkWords(frontend, theirs)).toMatch(/orch tell backend/)
})
