import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ContestReport } from '../../src/cli/attempts/contest-report.ts'
import type { AttemptRow } from '../../src/cli/attempts/attempt-lines.ts'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { until } from '../support/eventually.ts'
import { CrashScene } from '../support/fleet/crash-scene.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const write = (lines: number, more = '') => `seq ${lines} > page.md${more} && git add -A && git commit -qm 'Add a page' && orch done ready`
const session = (number: number, command: string) =>
  `  - match: { task: page.${number} }\n    steps:\n      - bash: ${JSON.stringify(command)}\n      - end: Finished.\n`

/** The first is large, the second small; the third fails the validation, and again after it was told. */
const script = `sessions:\n${session(1, write(90))}${session(2, write(3))}${session(3, write(1, ' && touch broken.md'))}`
const tasks = '# Backlog\n\n- [ ] Write a page\n  - id: page\n  - attempts: 3\n- [ ] Write more\n  - id: more\n  - needs: page\n'
const config = 'validate: "! test -e broken.md"\nretries: 1\n'

fleetTest('of three attempts the best is proposed and merged; the others are put away, and nothing of them is lost', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks, config, script })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['page'], 'Review')
  const task = scene.status('page')
  expect(task).toMatchObject({ branch: 'feature/page-2', contest: { proposed: 2 }, next: 'orch merge repo.page' })
  expect(task?.reason).toMatch(
    /^attempt 2 of 3 is best \(\d\.\d\d\): .* passed; attempt 1: \d\.\d\d; attempt 3 did not finish: the validation failed/,
  )
  // Each has a file of its own, so that one may be written a little later than another.
  const attemptsCost = () => [1, 2, 3].reduce((sum, each) => sum + (scene.status(`page.${each}`)?.costUsd ?? 0), 0)
  await until(() => Math.abs((scene.status('page')?.costUsd ?? 0) - attemptsCost()) < 1e-6, {
    what: 'the cost of the task is that of its attempts',
  })
  expect(attemptsCost()).toBeGreaterThan(0)

  const shown = await json<{ attempts: AttemptRow[]; proposed: number }>(scene, 'attempts', 'page', '--json')
  expect(shown).toMatchObject({ proposed: 2, attempts: [{ lines: 90, files: 1 }, { lines: 3, isProposed: true }, { standing: 'stuck' }] })
  expect((await scene.run(['attempts', 'page'])).stdout).toMatch(/→ {2}2 {2}finished/)
  expect((await scene.run(['list'])).stdout).toMatch(/repo\.page .*\n {2}repo\.page\.1 .*\n {2}repo\.page\.2 .*\n {2}repo\.page\.3 /)
  expect(await scene.run(['attempts', 'page', '--take', '1', '--dry-run'])).toMatchObject({ code: 0, stdout: 'repo.page: would land\n' })
  expect((await scene.run(['review', '--test-all', 'page'])).stdout).toMatch(/^repo\.page +passed .*\nall merged +passed/)
  expect(await scene.run(['attempts', 'page', '--take', '4'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no attempt 4') })

  const heads = await Promise.all([1, 3].map((number) => scene.git('rev-parse', `feature/page-${number}`)))
  expect(await scene.run(['merge', 'page'])).toMatchObject({ code: 0, stdout: expect.stringContaining('repo.page: landed as') })
  await untilPutAway(scene, [1, 3])
  // Who needs it starts from what was taken.
  await scene.untilStatus(['page', 'more'], 'Merged')
  expect((await scene.git('show', 'main:page.md')).split('\n')).toHaveLength(3)
  expect(await scene.git('log', '--merges', '--format=%(trailers:key=Orch-Task,valueonly,separator=%x20)', 'main')).toBe(
    'repo.more\nrepo.page',
  )
  expect(await scene.git('show', 'main:tasks.md')).toContain('- [x] Write a page')
  expect(await Promise.all([1, 3].map((number) => scene.git('rev-parse', `feature/page-${number}`)))).toEqual(heads)
  expect(scene.status('page')?.contest?.attempts.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^not kept: attempt 2 was taken \(/),
    expect.stringMatching(/^taken: landed as /),
    expect.stringMatching(/^not kept: .*this one did not finish: the validation failed/),
  ])
  const report = await json<ContestReport>(scene, 'attempts', '--report', '--json')
  expect(report.tasks).toMatchObject([{ handle: 'repo.page', outcome: 'taken', contest: { taken: 2 } }])
  expect(await scene.run(['cleanup'])).toMatchObject({ code: 0 })
  expect(existsSync(worktree(scene, 2))).toBe(false)
  scene.expectNoRepeatedReplies()
})

fleetTest(
  '`orch run --attempts` takes what scores enough by itself, over a daemon that is killed, and says what was kept and why',
  async ({ fleet }) => {
    const scene = await fleet.begin({ tasks: '- [ ] Write a page\n  - id: page\n', config, script })
    await scene.startDaemon()
    await scene.startBacklog({ attempts: 2, accept: 0.8 })
    await until(() => ['Review', 'Archived'].includes(scene.status('page.2')?.status ?? ''), {
      what: 'the second has finished',
      deadlineMs: 60_000,
    })
    await scene.killDaemon()
    await scene.startDaemon()
    const run = await scene.run(['run', '--json'])
    expect(run).toMatchObject({ code: 0 })
    await scene.untilStatus(['page'], 'Merged')
    await untilPutAway(scene, [1])
    expect((await scene.git('show', 'main:page.md')).split('\n')).toHaveLength(3)
    expect((await scene.git('log', '--merges', '--format=%s', 'main')).split('\n')).toHaveLength(1)
    expect((await scene.run(['attempts', '--report'])).stdout).toMatch(
      /^1 task tried side by side: 1 taken[^]*2 {2}\d\.\d\d {2}taken: landed as/,
    )
    scene.expectNoRepeatedReplies()
  },
)

fleetTest('words, a stop and a resume reach the attempts; a task that is given up takes them with it', async ({ fleet }) => {
  const waits = (number: number, when: string) =>
    `  - match: { task: page.${number} }\n    steps:\n      - bash: ${JSON.stringify("orch blocked 'Which colour?'")}\n      - end: I wait.\n` +
    `    turns:\n      - when: ${when}\n        steps:\n          - bash: ${JSON.stringify(write(number))}\n          - end: Finished.\n`
  const scene = await fleet.begin({
    config,
    script: `sessions:\n${waits(1, 'It is blue')}${waits(2, 'Go on with TASK.md')}`,
    tasks: '- [ ] Write a page\n  - id: page\n',
  })
  await scene.startDaemon()
  await scene.startBacklog({ attempts: 2 })
  await scene.untilStatus(['page'], 'Failed')
  expect(scene.status('page')?.reason).toBe('no attempt finished: 1: Which colour?; 2: Which colour?')
  expect(await scene.run(['send', 'page.1', 'It is blue.'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['page'], 'Review')
  expect(scene.status('page')?.reason).toMatch(/^attempt 1 of 2 is best .*attempt 2 did not finish: Which colour\?$/)
  expect(await scene.run(['stop', 'page'])).toMatchObject({ code: 0, stdout: expect.stringContaining('No process of it runs any more') })
  expect(scene.status('page.2')).toMatchObject({ status: 'Idle', reason: 'stopped by you' })
  expect(await scene.run(['resume', 'page'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['page'], 'Review')
  expect(scene.status('page')?.contest?.attempts.map(({ standing }) => standing)).toEqual(['ready', 'ready'])

  expect(await scene.run(['cleanup', 'page', '--abandon', 'not wanted'])).toMatchObject({ code: 0 })
  await untilPutAway(scene, [1, 2])
  expect(scene.status('page')).toMatchObject({ status: 'Archived', reason: 'not wanted' })
  expect(await scene.git('log', '-1', '--format=%s', 'feature/page-1')).toBe('Add a page')
})

fleetTest('a daemon that is killed again and again takes the same attempt, lands it once, and puts the others away', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks: '- [ ] Write a page\n  - id: page\n  - attempts: 3\n', config: `${config}take: best\n`, script })
  const crash = new CrashScene(scene)
  const isOver = () => scene.status('page')?.status === 'Merged'
  await scene.startDaemon()
  await scene.startBacklog()
  let kills = 0
  for (let size = 4000; !isOver(); size += 4000) {
    await crash.killDaemonAt(({ journal }) => journal >= size || isOver(), 60_000)
    kills += 1
    await scene.startDaemon()
  }
  expect(kills).toBeGreaterThan(1)
  await untilPutAway(scene, [1, 3])
  await until(() => scene.status('page.2')?.status === 'Archived', { what: 'the taken one is over' })
  expect(scene.status('page')?.contest).toMatchObject({ taken: 2 })
  expect((await scene.git('show', 'main:page.md')).split('\n')).toHaveLength(3)
  expect((await scene.git('log', '--merges', '--format=%s', 'main')).split('\n')).toHaveLength(1)
  scene.expectNoRepeatedReplies()
})

fleetTest('one more session may be several: `orch spawn --attempts`, with models in turn and words for each', async ({ fleet }) => {
  const scene = await fleet.begin({
    config: `${config}attempt-models: [claude-sonnet-4-5, claude-haiku-4-5]\nattempt-prompts: ["Be brief.", "Be thorough."]\n`,
  })
  expect(await scene.run(['spawn', 'note', 'Write a note', '--attempts', '2'])).toMatchObject({
    code: 0,
    stdout: 'repo.note: started with 2 attempts\n',
  })
  await scene.untilStatus(['note'], 'Review')
  expect(scene.status('note')?.contest?.attempts.map(({ model }) => model)).toEqual(['claude-sonnet-4-5', 'claude-haiku-4-5'])
  expect(readFileSync(join(scene.orch.folder, 'repo-wt-note-2', 'TASK.md'), 'utf8')).toContain('Be thorough.')
  expect(await scene.run(['spawn', 'own', '--manual', '--attempts', '2'])).toMatchObject({ code: 2 })
  expect(await scene.run(['logs', 'note'])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/attempt \d; the others: orch logs repo\.note\.\d/),
  })
  expect(await scene.run(['merge', 'note.2'])).toMatchObject({ code: 0, stdout: expect.stringContaining('repo.note: landed as') })
  await scene.untilStatus(['note'], 'Merged')
  expect(scene.status('note')).toMatchObject({ branch: 'feature/note-2', contest: { taken: 2 } })
})

async function json<T>(scene: FleetScene, ...args: readonly string[]): Promise<T> {
  const ended = await scene.run(args)
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return JSON.parse(ended.stdout) as T
}

function worktree(scene: FleetScene, number: number): string {
  return join(scene.orch.folder, `repo-wt-page-${number}`)
}

async function untilPutAway(scene: FleetScene, numbers: readonly number[]): Promise<void> {
  const isAway = (status: TaskStatus | undefined, number: number): boolean =>
    status?.status === 'Archived' && !existsSync(worktree(scene, number))
  await until(() => numbers.every((number) => isAway(scene.status(`page.${number}`), number)), {
    what: 'the others are put away',
    deadlineMs: 60_000,
  })
}
