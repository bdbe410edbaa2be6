import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startFakeDaemon, type FakeDaemon } from '../../../test/support/cli/fake-daemon.ts'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { ownVersion } from '../../config/version.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Fleet, Preview } from '../../tui/board/desk.ts'
import type { Context } from '../context.ts'
import { LiveFeed } from './live-feed.ts'

function keepStatus(home: string, status: TaskStatus): void {
  const folder = join(home, 'sessions', status.handle)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'status.json'), JSON.stringify(status))
}

/** A home with two tasks on disk. */
function furnishedHome(): string {
  const home = temporaryFolder('orch-feed-')
  keepStatus(home, taskStatus('api', { status: 'Failed', reason: 'as the files say' }))
  keepStatus(home, taskStatus('elsewhere', { repository: '/repos/other' }))
  return home
}

/** A feed that has not begun to listen. */
function openFeed(home = furnishedHome()): { home: string; feed: LiveFeed; told: Fleet[] } {
  const context = { cwd: '/', home, environment: {}, now: () => Date.now(), output: { note: () => {} } } as unknown as Context
  const feed = new LiveFeed(context, ({ repository }) => repository === '/repos/app')
  onTestFinished(() => feed.close())
  const told: Fleet[] = []
  feed.follow((fleet) => told.push(fleet))
  return { home, feed, told }
}

async function openDaemon(home: string, tasks: readonly TaskStatus[]): Promise<FakeDaemon> {
  const daemon = await startFakeDaemon(home, ownVersion())
  daemon.tasks = tasks
  return daemon
}

function answerLog(daemon: FakeDaemon, text: string, next: number, { record = '1.1', isCut = true } = {}): void {
  const lines = [{ at: '2026-01-02T10:00:00.000Z', kind: 'text', text }]
  daemon.answers.set('/v1/tasks/log', { status: 200, body: { lines, record, next, hasMore: false, ...(isCut && { isCut }) } })
}

const logRequests = (daemon: FakeDaemon): readonly string[] =>
  daemon.requests.map(({ path }) => path).filter((path) => path.includes('/log'))
const isTold = (told: readonly Fleet[], isWanted: (fleet: Fleet) => boolean): Promise<unknown> =>
  until(() => told.some(isWanted), { what: 'the feed tells it' })
const reasonOf = ({ tasks }: Fleet): string | undefined => tasks.find(({ task }) => task === 'api')?.reason

test('first what the files say, then what the daemon does; many changes are told together', async () => {
  const { home, feed, told } = openFeed()
  expect(told.map(reasonOf)).toEqual(['as the files say'])
  expect(told[0]?.inbox).toMatchObject([{ who: 'app.api', kind: 'failed' }])
  expect(told[0]?.tasks).toHaveLength(1)
  const daemon = await openDaemon(home, [taskStatus('api'), taskStatus('elsewhere', { repository: '/repos/other' })])
  onTestFinished(() => daemon.close())
  feed.start()
  await isTold(told, (fleet) => reasonOf(fleet) === 'waiting for the model')
  expect(told.at(-1)?.inbox).toEqual([])
  const [before, began] = [told.length, performance.now()]
  for (let count = 0; count < 500; count += 1) {
    daemon.tell('task', taskStatus('api', { reason: `step ${count}` }))
    await new Promise((sent) => setImmediate(sent))
  }
  daemon.tell('task', taskStatus('elsewhere', { repository: '/repos/other' }))
  await isTold(told, (fleet) => reasonOf(fleet) === 'step 499')
  expect(told.length - before).toBeLessThan(3 + (performance.now() - began) / 40)
  expect(told.at(-1)?.tasks).toHaveLength(1)
})

test('of a session the end is read, then what is added; nobody asks about the others', async () => {
  const { home, feed } = openFeed()
  const daemon = await openDaemon(home, [taskStatus('api'), taskStatus('web')])
  onTestFinished(() => daemon.close())
  answerLog(daemon, 'the end', 7)
  const seen: Preview[] = []
  const stop = feed.followSession('app.api', (preview) => seen.push(preview))
  feed.start()
  await until(() => seen.length === 1, { what: 'the preview is there' })
  expect(seen[0]).toMatchObject({ lines: [{ text: 'the end' }], isCut: true })
  const [first = ''] = logRequests(daemon)
  expect([first.includes('name=app.api'), /tail=\d{4,}/.test(first), first.includes('record=&')]).toEqual([true, true, true])
  answerLog(daemon, 'more', 8)
  daemon.tell('task', taskStatus('web', { reason: 'busy' }))
  daemon.tell('task', taskStatus('api', { reason: 'busy' }))
  await until(() => seen.length === 2, { what: 'what was added is there' })
  expect(seen[1]?.lines.map(({ text }) => text)).toEqual(['the end', 'more'])
  expect(logRequests(daemon).slice(1)).toEqual([expect.stringMatching(/record=1\.1&after=7/)])
  // It was attached to, say: the next process goes on below, unless something between them was not read.
  for (const [text, isCut, expected] of [
    ['goes on', false, ['the end', 'more', 'goes on']],
    ['far on', true, ['far on']],
  ] as const) {
    const count = seen.length
    answerLog(daemon, text, 1, { record: `1.${count}`, isCut })
    daemon.tell('task', taskStatus('api', { reason: text }))
    await until(() => seen.length > count, { what: 'the next process is read' })
    expect(seen.at(-1)?.lines.map((line) => line.text)).toEqual(expected)
  }
  const requests = logRequests(daemon).length
  stop()
  daemon.tell('task', taskStatus('api', { reason: 'on and on' }))
  const told: Fleet[] = []
  feed.follow((fleet) => told.push(fleet))
  await isTold(told, (fleet) => reasonOf(fleet) === 'on and on')
  expect(logRequests(daemon)).toHaveLength(requests)
})

test('when the daemon ends and none can be started the files are shown, and why; the next daemon is found', async () => {
  const { home, feed, told } = openFeed()
  const first = await openDaemon(home, [taskStatus('api')])
  feed.start()
  await isTold(told, (fleet) => reasonOf(fleet) === 'waiting for the model')
  await first.close()
  await isTold(told, ({ outage }) => outage !== undefined)
  await isTold(told, (fleet) => fleet.outage?.includes('did not start') === true && reasonOf(fleet) === 'as the files say')
  const second = await openDaemon(home, [taskStatus('api', { reason: 'back again' })])
  onTestFinished(() => second.close())
  await isTold(told, (fleet) => fleet.outage === undefined && reasonOf(fleet) === 'back again')
})

test('a home that is none is said, and ends nothing', async () => {
  const home = join(temporaryFolder('orch-feed-'), 'file')
  writeFileSync(home, '')
  const { feed, told } = openFeed(home)
  feed.start()
  await isTold(told, ({ outage, tasks }) => outage?.includes("cannot be orch's folder") === true && tasks.length === 0)
})
