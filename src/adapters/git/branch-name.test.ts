import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { whyNotABranch } from './branch-name.ts'

it('takes no name that git refuses', () => {
  const usual = fc.constantFrom('a', 'B', '-', '.', '/', '@', '{', 'é', '"', '$', 'refs', 'HEAD')
  const odd = fc.constantFrom('..', '@{', '~', '^', ':', ' ', '\\', '*', '?', '[', '.lock', '\u007f', '\n')
  const pieces = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd })
  let taken = 0
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
      (name) => {
        if (whyNotABranch(name) !== undefined) return
        taken++
        expect(spawnSync('git', ['check-ref-format', '--branch', name]).status).toBe(0)
      },
    ),
    { numRuns: 400 },
  )
  expect(taken).toBeGreaterThan(40)
})
