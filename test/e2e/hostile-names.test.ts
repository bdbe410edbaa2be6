import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { ESC, expectHarmless, expectNoTrace, shellAgent } from '../support/fleet/hostile.ts'

const clipboard = `${ESC}]52;c;cm0gLXJm\u0007`
const link = `${ESC}]8;;http://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`
const override = '\u202egnp.exe\u202c'

const titles = [
  '$(touch PWNED) `touch PWNED`; touch PWNED #',
  `"; touch PWNED; " '; touch PWNED; '`,
  '--upload-pack=touch PWNED',
  '-c core.fsmonitor=touch${IFS}PWNED',
  '../../PWNED',
  '/etc/PWNED',
  `${clipboard}clipboard ${link} ${ESC}[2J`,
  `\u009b31mred\u009d52;c;eA==\u009c and ${override} and zero\u200bwidth\u2066x\u2069`,
  `long ${'x'.repeat(300)}`,
  'Caf\u00e9 one',
  'Cafe\u0301 one two',
  'README',
  'readme again',
  'HEAD.lock',
]

/** A session that repeats all it was told to its output, its commit and its messages. */
const echo = [
  'cat "$ORCH_PROMPT_FILE" TASK.md',
  'cp TASK.md "$ORCH_TASK.txt"',
  'git add -A',
  'git commit -q -F TASK.md',
  'orch tell "$(cat TASK.md)"',
  'orch done "$(head -c 2000 TASK.md)"',
].join(' && ')

const tasks = `# Backlog\n\n${titles.map((title) => `- [ ] ${title}\n\n  Body: ${title}\n`).join('\n')}`

async function reads(scene: FleetScene, handles: readonly string[]): Promise<void> {
  const commands = [
    ['status'],
    ['status', '--json'],
    ['monitor'],
    ['monitor', '--json'],
    ['list'],
    ['list', '--json'],
    ...handles.flatMap((handle) => [
      ['logs', handle],
      ['logs', handle, '--json'],
    ]),
  ]
  for (const command of commands) {
    const { code, stdout, stderr } = await scene.run(command)
    expect(stderr + stdout, command.join(' ')).not.toContain('unexpected')
    expect(code, `${command.join(' ')}: ${stderr}`).toBe(0)
    expectHarmless(stdout + stderr, command.join(' '))
  }
}

fleetTest('titles that attack shells, git, paths and terminals are words to every command', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks, config: shellAgent(echo, 'validate: "true"\nland: review\n') })
  const plan = await scene.run(['plan'])
  expect(plan.code, plan.stderr).toBe(0)
  expectHarmless(plan.stdout + plan.stderr, 'plan')

  const run = await scene.run(['run', '--detach', '--json'])
  expect(run.code, run.stderr).toBe(0)
  expectHarmless(run.stdout + run.stderr, 'run')
  const { order } = JSON.parse(run.stdout) as { order: string[] }
  expect(new Set(order.map((handle) => handle.toLowerCase())).size).toBe(titles.length)
  await scene.untilStatus(
    order.map((handle) => handle.slice('repo.'.length)),
    'Review',
  )
  await reads(
    scene,
    order.filter((_, index) => index % 5 === 0),
  )

  const statuses = (JSON.parse((await scene.run(['list', '--json'])).stdout) as { tasks: TaskStatus[] }).tasks
  for (const status of statuses) {
    expect(dirname(status.worktree ?? '')).toBe(dirname(scene.repository))
    expect(status.branch).toMatch(/^feature\/[a-z0-9-]{1,60}$/)
    expect(status.messages.length).toBeGreaterThan(0)
  }
  const merge = await scene.run(['merge', '--all'])
  expectHarmless(merge.stdout + merge.stderr, 'merge')
  expect(merge.code, merge.stderr).toBe(0)
  const cleanup = await scene.run(['cleanup', '--json'])
  expectHarmless(cleanup.stdout + cleanup.stderr, 'cleanup')
  expect(cleanup.code, cleanup.stderr).toBe(0)

  expect(readdirSync(dirname(scene.repository)).filter((name) => name !== 'repo' && name !== '.orch-trash')).toEqual([])
  expect(existsSync('/etc/PWNED')).toBe(false)
  expectNoTrace(scene.orch.home)
})

fleetTest('names, prompts and file names that a person types by mistake or by malice are refused or words', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent(echo, 'land: review\n') })
  const names = [
    '$(touch PWNED)',
    '../../up',
    '/abs',
    '-c',
    '--upload-pack=touch PWNED',
    `${clipboard}x`,
    'a\nb',
    '\u202ex',
    'n'.repeat(300),
    '.',
    '..',
    '\u00fc',
  ]
  const handles: string[] = []
  for (const name of names) {
    const { code, stdout, stderr } = await scene.run(['spawn', '--json', '--', name, `do $(touch PWNED) ${clipboard}`])
    expectHarmless(stdout + stderr, `spawn ${JSON.stringify(name)}`)
    expect(code, `${JSON.stringify(name)}: ${stderr}`).toBe(0)
    const { task } = JSON.parse(stdout) as { task: TaskStatus }
    expect(task.branch).toMatch(/^feature\/[a-z0-9-]+$/)
    handles.push(task.handle)
  }
  expect(new Set(handles).size).toBe(names.length)
  const again = await scene.run(['spawn', '--', 'u\u0308', 'the same name, decomposed'])
  expect(again.stderr).toContain('there is already a task repo.u')
  await scene.untilStatus(
    handles.map((handle) => handle.slice('repo.'.length)),
    'Review',
  )

  for (const command of ['logs', 'merge', 'cleanup', 'send', 'stop', 'wait']) {
    for (const name of [clipboard, '../../..', '--', '\u202e', 'zz\nq\u009b']) {
      const { code, stdout, stderr } = await scene.run([command, '--', name, ...(command === 'send' ? ['words'] : [])])
      expect([1, 2], `${command} ${JSON.stringify(name)}: ${stdout}${stderr}`).toContain(code)
      expectHarmless(stdout + stderr, `${command} ${JSON.stringify(name)}`)
    }
  }
  await reads(scene, handles.slice(0, 1))
  expectNoTrace(scene.orch.home)
})

fleetTest('templates cannot lead a branch or a worktree astray', async ({ fleet }) => {
  const scene = await fleet.begin({})
  const templates = [
    ['branch', '--upload-pack=touch PWNED/{task}'],
    ['branch', '../../../heads/main{task}'],
    ['branch', `${ESC}]0;x\u0007{task}`],
    ['worktree', '..{task}'],
    ['worktree', '-{task}'],
    ['worktree', '../../{task}'],
    ['worktree', '/{task}'],
  ] as const
  for (const [key, template] of templates) {
    writeFileSync(join(scene.repository, 'orch.yaml'), `${key}: ${JSON.stringify(template)}\nagent:\n  command: ["true"]\n`)
    const { code, stdout, stderr } = await scene.run(['spawn', 'x', 'prompt', '--dry-run', '--json'])
    expectHarmless(stdout + stderr, `${key} ${template}`)
    if (code !== 0) {
      expect(stderr).toContain('Next: ')
      continue
    }
    const { task } = JSON.parse(stdout) as { task: TaskStatus }
    expect(task.branch).toMatch(/^[a-z0-9][^ ]*$/i)
    expect(task.branch).not.toContain('..')
  }
})

fleetTest('a real session is told an attacking title as words', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: `- [ ] $(touch PWNED) ${clipboard}${override} \`touch PWNED\`\n  - id: attack\n\n  --dangerously-skip-permissions\n`,
  })
  const run = await scene.run(['run', '--detach'])
  expect(run.code, run.stderr).toBe(0)
  await scene.untilStatus(['attack'], 'Merged')
  await reads(scene, ['repo.attack'])
  expectHarmless(await scene.git('log', '--format=%s %b', 'main'), 'the history')
  expectNoTrace(scene.orch.home)
})
