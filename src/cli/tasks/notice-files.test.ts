import { appendFileSync, mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import { type NoticeFact, renderNoticeLines } from '../../domain/notices/notice-record.ts'
import { noticesFile, seenFolder } from '../../config/home.ts'
import { followNotices, loadNotices, markSeen, openNoticesOf } from './notice-files.ts'

const notice = (id: string): Notice => ({
  id,
  kind: 'ready',
  urgency: 'normal',
  at: 1,
  handle: 'shop.api',
  title: `${id} is ready`,
  text: '',
  next: 'orch review shop.api',
})

/** What a daemon writes. */
class Scene {
  readonly root = temporaryFolder()
  #n = 0

  constructor() {
    mkdirSync(seenFolder(this), { recursive: true })
  }

  write(...facts: readonly NoticeFact[]): void {
    appendFileSync(noticesFile(this), renderNoticeLines(facts.map((fact) => ({ n: (this.#n += 1), ...fact }))))
  }

  bring(...ids: readonly string[]): void {
    this.write(...ids.map((id) => ({ type: 'notice' as const, notice: notice(id), to: [], at: 1 })))
  }
}

test('what the daemon wrote is there without it, and what is over says so', () => {
  const scene = new Scene()
  expect(loadNotices(scene.root)).toEqual({ notices: [], position: 0 })
  scene.bring('a', 'b', 'c')
  scene.write({ type: 'over', ids: ['a'], why: 'settled' })
  markSeen(scene.root, ['b'])
  appendFileSync(noticesFile(scene), '{"n":9,"type":"notice","noti')
  const seen = loadNotices(scene.root)
  expect(seen.notices.map(({ id, isOver }) => [id, isOver])).toEqual([
    ['a', true],
    ['b', true],
    ['c', false],
  ])
  expect(openNoticesOf(scene.root, 'shop.api')).toEqual(['c'])
  expect(openNoticesOf(scene.root, 'shop.web')).toEqual([])
  expect(loadNotices(scene.root, { after: 2 }).notices.map(({ id }) => id)).toEqual(['c'])
  expect(loadNotices(scene.root, { after: seen.position })).toEqual({ notices: [], position: seen.position })
})

test('who follows hears of each, once, and of its end', async () => {
  const scene = new Scene()
  const stop = new AbortController()
  const followed = followNotices(scene.root, { after: 0, signal: stop.signal })
  const next = async (): Promise<unknown> =>
    ((await followed.next()).value as ReturnType<typeof loadNotices>).notices.map(({ id, isOver }) => (isOver ? `${id} over` : id))
  expect(await next()).toEqual([])
  scene.bring('a')
  expect(await next()).toEqual(['a'])
  markSeen(scene.root, ['a'])
  expect(await next()).toEqual(['a over'])
  scene.bring('b')
  expect(await next()).toEqual(['b'])
  const last = followed.next()
  stop.abort()
  expect(await last).toEqual({ done: true, value: undefined })
})
