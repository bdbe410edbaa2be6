import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fleetTest } from '../support/fleet/fleet.ts'
import type { CleanupResponse } from '../../src/protocol/responses.ts'
import type { TaskStatus } from '../../src/protocol/task-status.ts'

const tasks = '- [ ] Write the first page\n  - id: first\n'

fleetTest('work that is given up is kept on its branch, and the task begins anew under its name', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks })
  await scene.startDaemon()
  await scene.startBacklog({ land: 'review' })
  await scene.untilStatus(['first'], 'Review')
  const before = scene.status('first')

  const { entries } = await scene.call<CleanupResponse>('POST', '/v1/cleanup', {
    cwd: scene.repository,
    names: ['first'],
    abandonReason: 'not like this',
  })
  expect(entries).toMatchObject([{ outcome: 'removed', archive: expect.any(String) }])
  expect(entries[0]?.steps.join('\n')).toContain('branch feature/first kept')
  expect(readFileSync(join(entries[0]?.archive ?? '', 'WHY.md'), 'utf8')).toBe('not like this\n')
  expect(existsSync(before?.worktree ?? '')).toBe(false)
  expect(readdirSync(join(scene.repository, '..')).filter((name) => name.startsWith('.orch-trash'))).toEqual([])
  expect(await scene.git('rev-parse', 'feature/first')).toBe(before?.checkpoint?.commit)

  await scene.startBacklog()
  await scene.untilStatus(['first'], 'Merged')
  const after = scene.status('first') as TaskStatus
  expect(after.branch).not.toBe('feature/first')
  // Nothing of the old session counts for the new one.
  expect(after.process?.folder).toMatch(/repo\.first\/1\.1$/)
  expect(after.messages).toHaveLength(1)
  scene.expectNoRepeatedReplies()
})
