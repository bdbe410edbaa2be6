import { expect, test } from 'vitest'
import { personsContext } from '../../../test/support/cli/persons-context.ts'
import { runInside } from './run-inside.ts'

test('a command answers with what it would have printed', async () => {
  const context = personsContext()
  expect(await runInside(context, ['inbox'])).toEqual({ exitCode: 0, answers: 'Nothing waits for you.\n', notes: '' })
  const { answers } = await runInside(context, ['inbox', '--json'])
  expect(JSON.parse(answers)).toEqual({ schema: 1, items: [], kept: 0 })
})

test('what cannot be meant is told, and nothing is printed elsewhere', async () => {
  const context = personsContext()
  const mistake = await runInside(context, ['inbox', '--nonsense; touch x'])
  expect(mistake).toMatchObject({ exitCode: 2, answers: '' })
  expect(mistake.notes).toContain("unknown option '--nonsense; touch x'")
  const failed = await runInside(context, ['approve', 'm1'])
  expect(failed).toMatchObject({ exitCode: 1, answers: '' })
  expect(failed.notes).toContain('nothing waits for you under "m1"')
  expect((await runInside(context, ['inbox', '--help'])).answers).toContain('Usage: orch inbox')
})
