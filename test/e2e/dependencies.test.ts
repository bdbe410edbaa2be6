import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { PACKAGE } from '../support/dependencies/install-scene.ts'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

const config = `max: 2
setup: npm ci
validate: node_modules/.bin/dep
agent:
  command: [sh, -c, 'echo "$ORCH_TASK" > "$ORCH_TASK.md" && git add -A && git commit -qm Write && orch done ready']
`

fleetTest('npm ci runs once for two tasks and the queue: the others wait for it, and get a copy', async ({ fleet }) => {
  const scene = await fleet.begin({ config, files: PACKAGE, tasks: '- [ ] First\n  - id: first\n- [ ] Second\n  - id: second\n' })
  const [runs, gate] = [join(scene.orch.folder, 'runs'), join(scene.orch.folder, 'gate')]
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
  const shim = `#!/bin/sh\necho "$PWD" >> '${runs}'\nuntil test -e '${gate}'; do sleep 0.05; done\nexec '${npm}' "$@"\n`
  writeFileSync(join(scene.orch.home, 'bin/npm'), shim, { mode: 0o755 })
  const log = (task: string): string => {
    const file = join(scene.orch.orchHome, 'sessions', `repo.${task}`, 'commands/setup.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  const said = () => [log('first'), log('second')].join('\n')
  await scene.startDaemon()
  await scene.startBacklog()
  await until(() => existsSync(runs) && said().includes('waits for the same set-up in another worktree'), {
    what: 'one runs npm and the other waits',
    deadlineMs: 60_000,
  })
  writeFileSync(gate, '')
  await scene.untilStatus(['first', 'second'], 'Merged')
  expect(readFileSync(runs, 'utf8').trim().split('\n')).toHaveLength(1)
  expect(said().match(/^orch: kept as the template [0-9a-f]{12}$/gm)).toHaveLength(1)
  expect(said().match(/^orch: copied from the template [0-9a-f]{12} instead of running npm ci$/gm)).toHaveLength(1)
  const project = join(scene.orch.orchHome, 'projects/repo')
  const logs = readdirSync(join(project, 'queue/logs')).filter((name) => name.endsWith('.setup.log'))
  expect(logs.map((name) => readFileSync(join(project, 'queue/logs', name), 'utf8'))).toContainEqual(
    expect.stringMatching(/^orch: copied from the template/),
  )
  const inodes = ['first', 'second'].map((task) => lstatSync(join(scene.orch.folder, `repo-wt-${task}`, 'node_modules/dep/run.js')).ino)
  expect(new Set(inodes).size).toBe(2)
  expect(await scene.git('ls-tree', '-r', '--name-only', 'main')).not.toContain('node_modules')
  expect(await scene.run(['cleanup', '--all'])).toMatchObject({ code: 0 })
  expect(readdirSync(join(project, 'dependencies'))).toEqual([])
})
