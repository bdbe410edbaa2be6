import { expect, test } from 'vitest'
import { stepsFor, type Step } from './step.ts'

const names = (steps: readonly Step[]) => steps.map(({ name }) => name)
const chain: readonly Step[] = [
  { name: 'generate', run: 'g' },
  { name: 'lint', run: 'l' },
  { name: 'build', run: 'b', needs: ['generate'] },
  { name: 'test', run: 't', needs: ['build'] },
  { name: 'e2e', run: 'e' },
]

test('a step builds on all before it, unless it says on which', () => {
  expect(names(stepsFor(chain, 'test'))).toEqual(['generate', 'build', 'test'])
  expect(names(stepsFor(chain, 'lint'))).toEqual(['generate', 'lint'])
  expect(names(stepsFor(chain, 'e2e'))).toEqual(['generate', 'lint', 'build', 'test', 'e2e'])
  expect(
    names(
      stepsFor(
        [
          { name: 'lint', run: 'l' },
          { name: 'test', run: 't', needs: [] },
        ],
        'test',
      ),
    ),
  ).toEqual(['test'])
})
