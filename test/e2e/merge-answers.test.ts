import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startOrch } from '../support/cli/started-orch.ts'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { QueueScene } from '../support/fleet/queue-scene.ts'

// Each takes the landing before back, in a strategy in which nothing but the name of its branch tells what an undo was of.

fleetTest('a landing is taken back, brought again and taken back again, and each time it is said what that was', async ({ fleet }) => {
  const on = await QueueScene.begin(await fleet.begin({}), 'shared', {
    'agent/1': { 'parts/1.txt': '1\n' },
    'agent/2': { 'parts/2.txt': '2\n' },
  })
  await on.scene.run(['config', 'set', 'strategy', 'squash'], { cwd: on.repository })
  await on.git('commit', '-qam', 'Squash')
  const ask = async (...args: string[]) => {
    const { stdout, code } = await on.scene.run(args, { cwd: on.repository, environment: on.environment })
    return `${code} ${stdout.trim().replaceAll(/\b[0-9a-f]{10}\b/g, 'ID')}`
  }
  const files = () => on.git('ls-tree', '-r', '--name-only', 'main', '--', 'parts')
  expect(await ask('merge', 'agent/1', 'agent/2')).toBe('0 agent/1: landed as ID\nagent/2: landed as ID')
  expect(await on.git('rev-list', '--merges', 'main')).toBe('')
  expect(await ask('merge', '--dry-run', 'agent/1')).toBe('0 agent/1: has landed already, nothing to do')
  expect(await ask('merge', 'agent/1')).toBe('0 agent/1: has landed already, nothing to do')

  expect(await ask('undo', 'agent/1', '--dry-run')).toBe('0 agent/1: would be taken back (ID..ID)')
  expect(await ask('undo', 'agent/1')).toBe('0 agent/1: taken back by ID')
  expect(await files()).toBe('parts/2.txt')
  expect(await ask('undo', 'agent/1')).toBe('0 agent/1: nothing of it is left to take back')
  expect(await ask('merge', 'agent/1')).toMatch(
    /^1 agent\/1: refused: it landed as ID and was taken back by ID; .*\n {2}Next: orch undo orch-undo\/ID$/,
  )

  expect(await ask('undo')).toBe('0 orch-undo/ID (Undo agent/1): taken back by ID')
  expect(await files()).toBe('parts/1.txt\nparts/2.txt')
  expect(await ask('merge', 'agent/1')).toBe('0 agent/1: has landed already, nothing to do')
  expect(await ask('undo', 'agent/1')).toBe('0 agent/1: taken back by ID')
  expect(await on.git('branch', '--list', 'orch-undo/*')).toBe('')
  expect(await on.git('status', '--porcelain')).toBe('')
})

fleetTest('a branch that shares no history is refused alone, and what fails is shown with its place', async ({ fleet }) => {
  const on = await QueueScene.begin(await fleet.begin({}), 'shared', {
    'agent/1': { 'parts/1.txt': '1\n' },
    'agent/3': { 'tests/3.sh': 'echo "no such part" >&2; exit 1\n' },
  })
  await on.git('branch', 'alien', await on.git('commit-tree', '-m', 'From elsewhere', 'main^{tree}'))
  const ask = async (...args: string[]) =>
    (await on.scene.run(['merge', ...args], { cwd: on.repository, environment: on.environment })).stdout
  const refusal = 'shares no history with main\n  Next: git rebase --root --onto main alien, then orch merge alien\n'
  expect(await ask('--dry-run', 'agent/1', 'alien')).toBe(`agent/1: would land\nalien: refused: ${refusal}`)
  const said = await ask('agent/1', 'agent/3', 'alien')
  expect(said).toMatch(/^agent\/1: landed as/)
  expect(said).toContain('agent/3: sent back: fails test: tests/3.sh, merged with main\n')
  expect(said).toMatch(/\n {2}Output: \/.*\.log\n {2}Next: mend it, commit, then orch merge agent\/3\n/)
  expect(said).toContain(`alien: sent back: ${refusal}`)
})

fleetTest('Ctrl-C ends the view at once and the queue goes on; what waits for a clean checkout is in the queue', async ({ fleet }) => {
  const on = await QueueScene.begin(await fleet.begin({}), 'shared', { 'agent/1': { 'README.md': '# Better\n' } })
  const { environment, open } = on.gate()
  const merging = startOrch({ repository: on.repository, environment }, ['merge', 'agent/1'])
  await merging.says('agent/1: ')
  merging.signal('SIGINT')
  expect(await merging.ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('The queue goes on: `orch queue --follow` shows it'),
  })

  writeFileSync(join(on.repository, 'README.md'), '# Mine\n')
  const following = startOrch({ repository: on.repository, environment }, ['queue', '--follow'])
  await following.says('tests all of them together')
  open()
  await following.says('agent/1: tested, waits for your checkout of main: ')
  following.signal('SIGINT')
  const { code, stdout, stderr } = await following.ended
  expect(code).toBe(130)
  expect(stderr, 'a wait without words').not.toMatch(/^ …$/m)
  expect(stdout).toContain('has uncommitted changes (README.md)\n  Next: commit or stash there')
  await on.git('checkout', '-q', 'README.md')
  await until(async () => (await on.git('branch', '--contains', 'agent/1', '--list', 'main')) !== '', {
    what: 'it has landed',
    deadlineMs: 60_000,
  })
})

fleetTest('where nothing tests what lands, merge says so; the shell completes branches', async ({ fleet }) => {
  const on = await QueueScene.begin(await fleet.begin({}), 'shared', { 'agent/1': { 'parts/1.txt': '1\n' } })
  writeFileSync(join(on.repository, 'orch.yaml'), 'target: main\n')
  await on.git('commit', '-qam', 'No validation')
  const run = (...args: string[]) => on.scene.run(args, { cwd: on.repository, environment: on.environment })
  const warned = 'nothing tests these branches: no validation is configured.'
  expect((await run('merge', 'agent/1', '--dry-run')).stderr).toContain(warned)
  expect((await run('merge', 'agent/1', '--dry-run', '--validate', 'true')).stderr).not.toContain(warned)
  expect((await run('__complete', '--', 'merge', 'ag')).stdout).toBe('agent/1\tbranch\n')
  const { code, stdout, stderr } = await run('merge', 'agent/1')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^agent\/1: landed as/) })
  expect(stderr).toContain(warned)
  expect(stderr).toContain('no test run was needed')

  await run('undo', 'agent/1')
  await on.git('branch', '-f', 'agent/1', await on.git('commit-tree', '-p', 'agent/1', '-m', 'More', 'main^{tree}'))
  expect((await run('merge', 'agent/1', '--dry-run')).stderr).toMatch(/agent\/1: what landed as \w+ was taken back and does not come again/)
})
