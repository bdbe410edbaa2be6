import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FeatureResponse } from '../../src/protocol/responses.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const work = (file: string, text: string) => `echo ${text} >> ${file} && git add -A && git commit -qm "Add ${file}" && orch done ready`
const session = (department: string, ...commands: string[]) =>
  `  - match: { task: pay.${department} }\n    steps:\n${commands.map((command) => `      - bash: ${JSON.stringify(command)}\n`).join('')}      - end: Finished.\n`

const script = `sessions:\n${[
  session('backend', 'orch context all "plan: an api; contract: api.md"', work('api.md', 'pay')),
  session('web', work('index.md', 'web')),
  session('integration', work('whole.md', 'all')),
].join('')}`
const config = `validate: "! test -e broken.md"
phases: { reviews: off }
departments:
  backend:
    owns: [api.md, index.md]
  web:
    owns: index.md
`

fleetTest(
  'two departments and their integration land one feature over a daemon that is killed; before that nothing of it can land',
  async ({ fleet }) => {
    const apart = config.replace(', index.md', '')
    const scene = await fleet.begin({ config, script, files: { 'departments/web.md': 'You are {{department}}. {{taks}}' } })
    await scene.startDaemon()
    const text = 'Add payments with departments: backend, web'
    const refused = await scene.run(['feature', text, '--name', 'pay'])
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"backend" and "web" own the same files (for example index.md)'),
    })
    await configure(scene, `${apart}    prompt: departments/web.md\n`)
    expect(await scene.run(['feature', text, '--name', 'pay'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean {{task}}?'),
    })
    await configure(scene, apart)
    const planned = await scene.run(['feature', text, '--name', 'pay', '--dry-run'])
    expect(planned.stdout).toMatch(
      /^repo\.pay: would start with 3 departments\n1\. backend {6}dept\/backend\/pay {2}\(owns api\.md\)\n {3}web .*\n2\. integration {2}dept\/integration\/pay/,
    )
    const begun = await json<FeatureResponse>(scene, 'feature', text, '--name', 'pay', '--json')
    expect(begun.parts.map(({ handle }) => handle)).toEqual(['repo.pay.backend', 'repo.pay.web', 'repo.pay.integration'])
    await scene.killDaemon()
    await scene.startDaemon()
    await scene.untilStatus(['pay'], 'Review')
    const feature = scene.status('pay')
    expect(feature).toMatchObject({ kind: 'feature', branch: 'dept/integration/pay', next: 'orch merge repo.pay' })
    expect(feature?.reason).toMatch(/^ready: backend, web; integration: /)
    expect((await scene.run(['list'])).stdout).toMatch(
      /repo\.pay .*\n {2}repo\.pay\.backend .*\n {2}repo\.pay\.web .*\n {2}repo\.pay\.integration /,
    )
    expect((await scene.run(['status'])).stdout).toContain('repo: 1 review')
    const file = readFileSync(join(worktreeOf(scene, 'pay.backend'), 'TASK.md'), 'utf8')
    expect(file).toContain('You are the department **backend** of the feature `pay`')
    expect(file).toContain('- `web`: `index.md`')
    expect(await scene.run(['merge', 'pay.web'])).toMatchObject({ code: 1, stderr: expect.stringContaining('orch merge repo.pay') })
    expect(await scene.run(['merge', 'pay', '--dry-run'])).toMatchObject({ code: 0, stdout: 'repo.pay: would land\n' })
    expect(await scene.run(['merge', 'pay'])).toMatchObject({ code: 0, stdout: expect.stringContaining('repo.pay: landed as') })
    await scene.untilStatus(['pay', 'pay.backend', 'pay.web', 'pay.integration'], 'Merged')
    for (const name of ['api.md', 'index.md', 'whole.md']) expect(await scene.git('show', `main:${name}`)).not.toBe('')
    expect(await scene.git('log', '-1', '--format=%s|%(trailers:key=Orch-Task,valueonly)', 'main')).toContain(
      'Merge pay: Add payments|repo.pay',
    )
    expect(await scene.git('log', '-1', '--format=%(trailers:key=Orch-Parts,valueonly)', 'main')).toMatch(
      /^repo\.pay\.backend@[0-9a-f]{40} repo\.pay\.web@[0-9a-f]{40} repo\.pay\.integration@[0-9a-f]{40}$/m,
    )
    const worktrees = ['pay.backend', 'pay.web', 'pay.integration'].map((task) => worktreeOf(scene, task))
    expect(await scene.run(['cleanup', 'pay'])).toMatchObject({ code: 0 })
    for (const path of worktrees) expect(existsSync(path), path).toBe(false)
    expect(await scene.git('branch', '--list', 'dept/*')).toBe('')
    // What was decided in it holds under its name.
    expect(await scene.run(['feature', text, '--name', 'pay'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--name pay-2') })
    scene.expectNoRepeatedReplies()
  },
)

const together = [
  ['backend', 'touch b.md'],
  ['frontend', 'touch w.md'],
  ['docs', 'touch d.md'],
] as const
/** Each is right alone; backend and frontend are not right together until one of them says so. JSON is YAML too. */
const groupScript = JSON.stringify({
  sessions: together.map(([department, command]) => ({
    match: { task: `pay.${department}` },
    steps: [{ bash: `${command} && git add -A && git commit -qm "Work" && orch done ready` }, { end: 'Finished.' }],
    turns: [
      {
        when: 'sent back by the merge queue',
        steps: [{ bash: 'touch both.md && git add -A && git commit -qm "Mend" && orch done mended' }, { end: 'Mended.' }],
      },
    ],
  })),
})

fleetTest('without an integration the departments land as one group; who breaks it mends, and nothing lands before', async ({ fleet }) => {
  const scene = await fleet.begin({
    config: 'validate: "! test -e b.md || ! test -e w.md || test -e both.md"\nphases: { reviews: off, integration: off }\n',
    script: groupScript,
  })
  await scene.startDaemon()
  await json(scene, 'feature', 'Add payments', '--name', 'pay', '-d', 'backend,frontend,docs', '--json')
  await scene.untilStatus(['pay'], 'Review')
  for (const name of ['b.md', 'd.md', 'w.md']) expect((await scene.run(['diff', 'pay'])).stdout).toContain(name)
  expect(await scene.run(['merge', 'pay', '--dry-run'])).toMatchObject({ code: 0, stdout: 'repo.pay: would land\n' })
  const merged = await scene.run(['merge', 'pay'])
  expect(merged.stdout).toMatch(/^repo\.pay: sent back: /)
  await scene.untilStatus(['pay'], 'Merged')
  for (const name of ['b.md', 'w.md', 'd.md', 'both.md'])
    expect((await scene.git('ls-tree', '--name-only', 'main', name)).trim()).toBe(name)
  const landings = await scene.git('log', '--first-parent', '--format=%(trailers:key=Orch-Landing,valueonly,separator=%x20)', 'main')
  expect(new Set(landings.split('\n').filter((line) => line !== '')).size).toBe(1)
  expect(scene.status('pay')?.feature?.parts.map(({ standing }) => standing)).toEqual(['landed', 'landed', 'landed'])
  expect(await scene.run(['cleanup', 'pay'])).toMatchObject({ code: 0 })
  expect(await scene.git('branch', '--list', 'dept/*')).toBe('')
  scene.expectNoRepeatedReplies()
})

function worktreeOf(scene: FleetScene, task: string): string {
  return scene.status(task)?.worktree ?? 'none'
}

async function configure(scene: FleetScene, text: string): Promise<void> {
  writeFileSync(join(scene.repository, 'orch.yaml'), text)
  await scene.git('commit', '-qam', 'Configure')
}

async function json<T>(scene: FleetScene, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await scene.run(args)
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T
}
