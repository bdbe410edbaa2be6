import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { NoticeScene } from '../../../test/support/notices/notice-scene.ts'
import { noticesFile, seenFolder } from '../../config/home.ts'
import type { NoticeBook } from './notice-book.ts'

const linesOf = (book: NoticeBook): readonly string[] =>
  [...book.known.notices.values()].map(({ notice, over }) => `${notice.title}${over === undefined ? '' : ` (${over})`}`)
const landed = { status: 'Merged', landedAs: 'c0ffee1234567' } as const
const ready = { status: 'Review', reason: 'finished and verified', isWaitingForHuman: true } as const

test('what a person wants to hear of is found at the change, and what is answered is settled', async () => {
  const scene = new NoticeScene()
  const { book, notices } = await scene.begin()
  scene.task('api', { status: 'Working' })
  scene.say('m1', { text: 'Cents or euros?' })
  scene.task('api', { status: 'Needs you', reason: 'Cents or euros?' })
  scene.task('web', { status: 'Failed', reason: 'retries are used up', next: 'orch resume app.web' })
  scene.task('docs', { ...ready, next: 'orch merge app.docs' })
  await notices.look()
  expect(linesOf(book)).toEqual(['app.api needs you', 'app.web failed', 'app.docs is ready for review'])
  expect([...book.known.notices.values()].map(({ notice }) => [notice.kind, notice.urgency, notice.text, notice.next])).toEqual([
    ['needs-you', 'high', 'Cents or euros?', 'orch answer m1 "…"'],
    ['failed', 'high', 'retries are used up', 'orch resume app.web'],
    ['ready', 'normal', 'finished and verified', 'orch merge app.docs'],
  ])
  scene.say('m2', { kind: 'answer', from: 'human', to: ['app.api'], inReplyTo: 'm1', text: 'Cents' })
  scene.task('api', { status: 'Working' })
  scene.task('docs', landed)
  await notices.look()
  expect(linesOf(book)).toEqual([
    'app.api needs you (settled)',
    'app.web failed',
    'app.docs is ready for review (settled)',
    'app.docs has landed',
  ])
})

test('a new daemon finds what happened while there was none, and nothing twice', async () => {
  const scene = new NoticeScene()
  scene.task('busy')
  const first = await scene.begin()
  scene.task('api', ready)
  await first.notices.look()
  await first.notices.close()
  scene.task('web', { ...landed, status: 'Archived' })
  scene.task('docs', { status: 'Failed' })
  const second = await scene.begin()
  expect(linesOf(second.book)).toEqual(['app.api is ready for review', 'app.docs failed', 'app.web has landed'])
  await second.notices.close()
  const third = await scene.begin()
  expect(linesOf(third.book)).toHaveLength(3)
  expect(third.book.lines).toHaveLength(second.book.lines.length)
})

test('what was so before anybody listened is not told', async () => {
  const scene = new NoticeScene()
  scene.task('old', landed)
  scene.task('asks', { status: 'Needs you', reason: 'Which?' })
  const { book, notices } = await scene.begin()
  scene.task('new', landed)
  await notices.look()
  expect(linesOf(book)).toEqual(['app.new has landed'])
})

test('a fleet that ran together is told of once, at its end; one task alone is not', async () => {
  const scene = new NoticeScene()
  const { book, notices } = await scene.begin()
  scene.task('alone', landed)
  await scene.clock.advance(60_000)
  const createdAt = scene.at
  for (const name of ['api', 'web', 'docs']) scene.task(name, { status: 'Working', createdAt })
  await scene.clock.advance(60_000)
  scene.task('api', { ...landed, createdAt })
  scene.task('web', { ...ready, createdAt })
  scene.task('docs', { status: 'Needs you', createdAt })
  await notices.look()
  expect(linesOf(book).filter((line) => line.includes('fleet'))).toEqual([])
  scene.task('docs', { status: 'Failed', createdAt })
  await notices.look()
  scene.task('web', { ...landed, createdAt })
  await notices.look()
  const finished = [...book.known.notices.values()].filter(({ notice }) => notice.kind === 'finished')
  expect(finished.map(({ notice }) => notice.text)).toEqual(['1 landed, 1 ready for review, 1 failed'])
})

test('a limit is told once for all that it holds, and that it is lifted; a short one not at all', async () => {
  const scene = new NoticeScene()
  const { book, notices } = await scene.begin()
  const park = (name: string, minutes: number): void => {
    const until = scene.clock.now() + minutes * 60_000
    scene.task(name, { status: 'Idle', reason: 'usage limit reached' }, { kind: 'parked', reason: 'usage limit reached', until })
  }
  park('short', 2)
  await notices.look()
  expect(linesOf(book)).toEqual([])
  park('api', 60)
  await notices.look()
  park('web', 65)
  await notices.look()
  expect(linesOf(book)).toEqual(['A session waits for a limit to be lifted'])
  scene.task('api', { status: 'Working' })
  await notices.look()
  expect(linesOf(book)).toHaveLength(1)
  scene.task('web', { status: 'Working' })
  await notices.look()
  expect(linesOf(book)).toEqual(['A session waits for a limit to be lifted (settled)', 'The limit is lifted'])
})

test('a feature speaks for its parts, but for one that needs the person; a used up budget is called by its name', async () => {
  const scene = new NoticeScene()
  const { book, notices } = await scene.begin()
  const partOf = { feature: 'app.pay', department: 'backend' }
  scene.task('pay', { kind: 'feature', status: 'Needs you', reason: 'departments: backend is stuck' })
  scene.task(
    'pay.backend',
    { kind: 'part', partOf, status: 'Needs you' },
    { kind: 'unfinished', reason: 'the budget', code: 'over-budget' },
  )
  scene.task('pay.web', { kind: 'part', partOf: { ...partOf, department: 'web' }, status: 'Review', isWaitingForHuman: true })
  await notices.look()
  expect(linesOf(book)).toEqual(['app.pay.backend has used up its budget'])
  scene.task('pay.backend', { kind: 'part', partOf, ...landed })
  scene.task('pay', { kind: 'feature', ...landed })
  await notices.look()
  expect(linesOf(book)).toEqual(['app.pay.backend has used up its budget (settled)', 'app.pay has landed'])
})

test('what a client says was seen is over, also what it said while no daemon lived', async () => {
  const scene = new NoticeScene()
  scene.task('busy')
  const { book, notices } = await scene.begin()
  scene.task('api', ready)
  scene.task('web', ready)
  await notices.look()
  const [api = '', web = ''] = [...book.known.notices.keys()]
  writeFileSync(join(seenFolder(scene.home), api), '')
  await until(() => linesOf(book)[0]?.endsWith('(seen)'), { what: 'the marker is taken' })
  await notices.close()
  writeFileSync(join(seenFolder(scene.home), web), '')
  const next = await scene.begin()
  expect(linesOf(next.book)).toEqual(['app.api is ready for review (seen)', 'app.web is ready for review (seen)'])
  expect(existsSync(join(seenFolder(scene.home), web))).toBe(false)
})

test('a line that a crash has cut off costs itself only', async () => {
  const scene = new NoticeScene()
  scene.task('busy')
  const { notices } = await scene.begin()
  scene.task('api', ready)
  await notices.look()
  await notices.close()
  writeFileSync(noticesFile(scene.home), '{"n":7,"type":"notice","notice":{"id"', { flag: 'a' })
  scene.task('web', ready)
  await scene.begin()
  const third = await scene.begin()
  expect(linesOf(third.book)).toEqual(['app.api is ready for review', 'app.web is ready for review'])
})

test('whoever dies at any write, before, in or after it, misses nothing and finds nothing twice', async () => {
  for (let write = 1; write <= 6; write++) {
    for (const written of [0, 20, Infinity]) {
      const scene = new NoticeScene()
      scene.task('busy')
      let writes = 0
      const append = async (path: string, text: string): Promise<void> => {
        writes += 1
        if (writes >= write) appendFileSync(path, writes === write ? text.slice(0, written) : '')
        else appendFileSync(path, text)
        if (writes >= write) throw new Error('killed')
      }
      const first = await scene.begin({ append }).catch(() => undefined)
      const step = async (change: () => void): Promise<void> => {
        change()
        await first?.notices.look().catch(() => undefined)
      }
      await step(() => scene.task('api', ready))
      await step(() => scene.task('web', { status: 'Failed' }))
      await step(() => scene.task('api', landed))
      const { book } = await scene.begin()
      const what = `write ${write} cut after ${written}`
      const brought = book.lines.flatMap((line) => (line.type === 'notice' ? [line.notice.title] : []))
      expect(new Set(brought).size, what).toBe(brought.length)
      // Without a file nobody has ever listened: what is so then is no news.
      const isNew = write === 1 && written < 30
      expect(linesOf(book), what).toEqual(isNew ? [] : expect.arrayContaining(['app.web failed', 'app.api has landed']))
      expect(readFileSync(noticesFile(scene.home), 'utf8'), what).toMatch(/\n$/)
    }
  }
})

test('a disk that was full in the middle of a line costs that line only', async () => {
  const scene = new NoticeScene()
  scene.task('busy')
  let isFull = false
  const { book, notices } = await scene.begin({
    append: async (path, text) => {
      appendFileSync(path, isFull ? text.slice(0, 30) : text)
      if (isFull) throw new Error('ENOSPC')
    },
  })
  isFull = true
  scene.task('api', ready)
  await expect(notices.look()).rejects.toThrow('ENOSPC')
  isFull = false
  await notices.look()
  expect(linesOf(book)).toEqual(['app.api is ready for review'])
  expect(linesOf((await scene.begin()).book)).toEqual(['app.api is ready for review'])
})
