import { expect } from 'vitest'
import { fleetTest } from '../support/fleet/fleet.ts'

const tasks = `# Backlog

- [ ] Write the first page
  - id: first
- [ ] Write the second page
  - id: second
- [ ] Bind the pages
  - id: bind
  - needs: first, second
`

fleetTest('a backlog with needs is worked off by real sessions and landed in order', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks })
  await scene.startDaemon()
  const { started } = await scene.startBacklog()
  expect(started.toSorted()).toEqual(['repo.bind', 'repo.first', 'repo.second'])

  await scene.untilStatus(['first', 'second', 'bind'], 'Merged')

  const landed = await scene.git('log', '--merges', '--format=%s', '--reverse', 'main')
  expect(landed.split('\n').at(-1)).toContain('feature/bind')
  expect(await scene.git('show', 'main:tasks.md')).toBe(tasks.replaceAll('[ ]', '[x]').trim())
  expect(await scene.git('status', '--porcelain')).toBe('')
  // orch's own landings are no finding of the audit.
  expect(['first', 'second', 'bind'].flatMap((task) => scene.status(task)?.messages ?? []).filter(({ kind }) => kind === 'audit')).toEqual(
    [],
  )
  scene.expectNoRepeatedReplies()
})
