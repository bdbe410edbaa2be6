import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startFakeDaemon } from '../../../test/support/cli/fake-daemon.ts'
import { personsContext } from '../../../test/support/cli/persons-context.ts'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { ownVersion } from '../../config/version.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import { makeBoardDesk } from './desk.ts'
import { LiveFeed } from './live-feed.ts'

function open(cwd = temporaryFolder('orch-desk-')) {
  const home = temporaryFolder('orch-home-')
  const context = personsContext({ cwd, home })
  const feed = new LiveFeed(context, () => true)
  onTestFinished(() => feed.close())
  return { home, feed, desk: makeBoardDesk(context, feed, { handOver: (work) => work() }) }
}

const queue = { schema: 1, project: 'app', version: 1, isPaused: false, targets: [], held: [] }
const waiting: MergeResponse = {
  id: 'm',
  isDone: false,
  entries: [{ handle: 'app.api', branch: 'feature/api', outcome: 'running', step: 'testing' }],
  overlaps: [],
  notes: [],
  runs: [],
  suiteEquivalents: 0,
  isDryRun: false,
}

test('a command answers with its lines, and what went wrong in three parts; nothing is printed elsewhere', async () => {
  const { desk } = open()
  expect(await desk.run(['inbox'])).toEqual({ isDone: true, lines: ['Nothing waits for you.'] })
  const failed = await desk.run(['approve', '--', 'm1'])
  expect(failed).toMatchObject({
    isDone: false,
    lines: [expect.stringContaining('nothing waits for you under "m1"'), 'Kept safe: nothing was said', expect.stringMatching(/^Next: /)],
  })
  expect((await desk.run(['inbox', '--nonsense'])).lines[0]).toContain("unknown option '--nonsense'")
})

test('in the worktree of a task the word is the person’s', async () => {
  const repository = temporaryFolder('orch-repository-')
  const worktree = temporaryFolder('orch-worktree-')
  mkdirSync(join(repository, '.git', 'worktrees', 'w'), { recursive: true })
  mkdirSync(join(worktree, '.orch'))
  writeFileSync(join(worktree, '.git'), `gitdir: ${join(repository, '.git', 'worktrees', 'w')}\n`)
  const { desk } = open(worktree)
  // There it would be an answer of whoever works in it.
  expect((await desk.run(['answer', '--', 'm1', 'yes'])).lines[0]).toContain('nothing waits for you under "m1"')
})

test('what the queue would do is asked as a dry run; whoever stops watching a merge leaves it to the queue', async () => {
  const { home, desk, feed } = open()
  const daemon = await startFakeDaemon(home, ownVersion())
  onTestFinished(() => daemon.close())
  daemon.answers.set('/v1/merge', { status: 200, body: waiting })
  daemon.answers.set('/v1/queue', { status: 200, body: queue })
  const task = taskStatus('api', { repository: temporaryFolder() })
  expect(await desk.outlook(task)).toEqual({ merge: waiting, queue, checks: [] })
  expect(daemon.requests.map(({ body }) => body)).toContainEqual(expect.objectContaining({ names: ['app.api'], isDryRun: true }))

  daemon.answers.set('/v1/merge/m', { status: 200, body: waiting })
  const merging = desk.run(['merge', '--', 'app.api'])
  await until(() => daemon.requests.some(({ path }) => path.startsWith('/v1/merge/m')), { what: 'the merge is followed' })
  feed.close()
  expect(await merging).toEqual({ isDone: false, lines: [expect.stringContaining('The queue goes on')] })
})
