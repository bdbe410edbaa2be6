import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder, removeFolder } from '../../../test/support/temporary.ts'
import { departmentOf } from '../../domain/features/built-in-departments.ts'
import { loadPrompt } from './prompts.ts'

test('a template is a file of the repository, and nothing that a link leads to outside of it', async () => {
  const folder = makeFolder('orch-prompts-')
  onTestFinished(() => removeFolder(folder))
  const root = join(folder, 'repo')
  mkdirSync(join(root, 'prompts'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'TOP SECRET')
  writeFileSync(join(root, 'prompts', 'own.md'), 'You are {{department}}.')
  symlinkSync('own.md', join(root, 'prompts', 'same.md'))
  symlinkSync('../../secret', join(root, 'prompts', 'link.md'))
  symlinkSync(folder, join(root, 'above'))
  execFileSync('mkfifo', [join(root, 'prompts', 'pipe.md')])
  const load = (prompt: string) => loadPrompt(root, departmentOf('backend', { prompt }))
  expect([await load('prompts/own.md'), await load('prompts/same.md')]).toEqual(['You are {{department}}.', 'You are {{department}}.'])
  for (const prompt of ['prompts/link.md', 'above/secret', 'prompts/pipe.md', '../secret', 'prompts', 'none.md'])
    await expect(load(prompt), prompt).rejects.toMatchObject({ code: 'no-prompt' })
})
