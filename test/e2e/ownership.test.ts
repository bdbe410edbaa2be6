import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

const script = `sessions:
  - match: { task: web }
    steps:
      - write: src/api/users.ts
        content: mine
      - bash: touch "$HOME/at-gate" && until [ -e "$HOME/gate-open" ]; do sleep 0.05; done
      - write: src/api/more.ts
        content: mine too
      - write: src/web/a.ts
        content: web
      - bash: mkdir -p src/api && echo x > src/api/shell.ts && git add -A && git commit -qm Web && orch done ready
      - end: "Done."
    turns:
      - when: "changes files that are not yours"
        steps:
          - bash: git rm -q src/api/shell.ts && git commit -qm 'Take back' && orch done ready
          - end: "Done."
`

fleetTest('an edit outside of owns is stopped, by the next daemon too, and what the shell wrote goes back', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks: '# Backlog\n\n- [ ] Write web\n  - id: web\n  - owns: src/web/**\n', script })
  const portOf = (): number => (JSON.parse(readFileSync(join(scene.orch.orchHome, 'daemon.json'), 'utf8')) as { port: number }).port
  await scene.startDaemon()
  await scene.startBacklog()
  await until(() => existsSync(join(scene.orch.home, 'at-gate')), { what: 'the first edit is over', deadlineMs: 60_000 })
  const port = portOf()
  await scene.killDaemon()
  await scene.startDaemon()
  expect(portOf()).toBe(port)
  writeFileSync(join(scene.orch.home, 'gate-open'), '')

  await scene.untilStatus(['web'], 'Merged')
  const told = JSON.stringify(scene.record('web'))
  for (const path of ['users', 'more']) expect(told).toContain(`Not edited: src/api/${path}.ts is outside of what this task owns`)
  expect(told).toContain('src/api/shell.ts is outside of what this task owns')
  expect((await scene.git('ls-tree', '-r', '--name-only', 'main')).split('\n').filter((path) => path.startsWith('src/'))).toEqual([
    'src/web/a.ts',
  ])
})
