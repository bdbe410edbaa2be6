import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, lstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

const files = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`src/m${at % 20}/f${at}.txt`, `${at}\n`]))
const script = `default:
  - bash: cat ../gate
  - bash: echo {{task}} > {{task}}.txt && git add -A && git commit -qm 'Write {{task}}' && orch done
  - end: "Finished."
`

fleetTest('a session gets a tree that was checked out before, and none is left when the work is done', async ({ fleet }) => {
  const scene = await fleet.begin({ script, files, tasks: '- [ ] Write the first page\n  - id: first\n' })
  const [gate, pool] = [join(scene.orch.folder, 'gate'), join(scene.repository, '.git/orch/pool')]
  const ready = () => (existsSync(pool) ? readdirSync(pool).filter((name) => !name.startsWith('making-')) : [])
  execFileSync('mkfifo', [gate])
  await scene.startDaemon()
  await scene.startBacklog()
  await until(() => ready().length === 2, { what: 'two trees are ready', deadlineMs: 60_000 })
  expect(await scene.git('worktree', 'list')).not.toContain('orch/pool')
  const inodes = ready().map((name) => lstatSync(join(pool, name, 'tree/src/m0/f0.txt')).ino)

  expect((await scene.run(['spawn', 'second', 'Write the second page'])).code).toBe(0)
  await until(() => ['first', 'second'].every((id) => scene.status(id)?.reason.startsWith('Bash: cat') === true), {
    what: 'both stand at the gate',
    deadlineMs: 60_000,
  })
  const worktree = join(scene.orch.folder, 'repo-wt-second')
  expect(inodes).toContain(lstatSync(join(worktree, 'src/m0/f0.txt')).ino)
  closeSync(openSync(gate, 'w'))
  await Promise.all([scene.untilStatus(['first'], 'Merged'), scene.untilStatus(['second'], 'Review')])
  expect(await scene.git('show', '--format=', '--name-only', 'feature/second')).toBe('second.txt')

  await until(() => !existsSync(pool), { what: 'the pool is given back' })
  expect((await scene.run(['merge', 'second'])).code).toBe(0)
  expect((await scene.run(['cleanup', '--all'])).code).toBe(0)
  expect((await scene.git('worktree', 'list')).split('\n')).toHaveLength(1)
  expect(readdirSync(scene.orch.folder).filter((name) => name.startsWith('repo'))).toEqual(['repo'])
  expect(await scene.git('status', '--porcelain')).toBe('')
})
