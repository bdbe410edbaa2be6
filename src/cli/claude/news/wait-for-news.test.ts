import { appendFileSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../../test/support/temporary.ts'
import { until } from '../../../../test/support/eventually.ts'
import { noticesFile, seenFolder } from '../../../config/home.ts'
import type { Notice } from '../../../domain/notices/notice.ts'
import { type NoticeFact, renderNoticeLines } from '../../../domain/notices/notice-record.ts'
import { identityOf, type ProcessIdentity } from '../../../platform/process-identity.ts'
import { makeOrchestrator, orchestratorFolder } from './orchestrators.ts'
import { type Listener, takeNews, waitForNews } from './wait-for-news.ts'

/** A session that leads, its transcript, and what a daemon writes. */
class Scene {
  readonly root = temporaryFolder()
  readonly folder = orchestratorFolder(this.root, 's1') ?? ''
  readonly transcript = join(temporaryFolder(), 's1.jsonl')
  now = 1_000_000
  #n = 0

  constructor() {
    mkdirSync(seenFolder(this), { recursive: true })
    writeFileSync(this.transcript, '{"type":"user"}\n')
    makeOrchestrator(this.root, 's1')
    utimesSync(join(this.folder, 'since'), 1000, 1000)
  }

  listener(claude?: ProcessIdentity): Listener {
    const { root: home, folder, transcript } = this
    return { home, folder, transcript, projects: () => ['shop'], claude, now: () => this.now }
  }

  write(fact: NoticeFact): void {
    appendFileSync(noticesFile(this), renderNoticeLines([{ n: (this.#n += 1), ...fact }]))
  }

  bring(id: string, changes: Partial<Notice> = {}): void {
    const { now: at } = this
    const notice: Notice = {
      id,
      kind: 'ready',
      urgency: 'normal',
      at,
      project: 'shop',
      title: `${id} is ready`,
      text: '',
      next: '',
      ...changes,
    }
    this.write({ type: 'notice', notice, to: [], at })
  }

  /** As Claude Code writes down what it was told: a line of its queue first, then one of the conversation. */
  hear(words: string, type: 'user' | 'queue-operation' = 'user'): void {
    appendFileSync(this.transcript, `${JSON.stringify({ type, content: words })}\n`)
  }

  async take(claude?: ProcessIdentity): Promise<readonly string[] | undefined> {
    const words = await takeNews(this.listener(claude))
    this.last = words ?? this.last
    return words === undefined ? undefined : titlesOf(words)
  }

  last = ''
}

const titlesOf = (words: string): readonly string[] => [...words.matchAll(/^- (\S+)/gm)].map(([, title = '']) => title)

test('what came since the session began to lead is told once; what is over, of another project, or of no concern is not', async () => {
  const scene = new Scene()
  scene.bring('old', { at: 999_000 })
  scene.bring('a')
  scene.bring('b')
  scene.bring('c', { kind: 'landed' })
  scene.bring('d', { project: 'other' })
  scene.bring('e')
  scene.write({ type: 'over', ids: ['b'], why: 'settled' })
  expect(await scene.take()).toEqual(['a', 'e'])
  scene.hear(scene.last)
  expect(await scene.take()).toBeUndefined()
  scene.bring('f')
  expect(await scene.take()).toEqual(['f'])
})

test('the transcript decides: words that never came are told again, first after the time in which they may be under way', async () => {
  const scene = new Scene()
  scene.bring('a')
  expect(await scene.take()).toEqual(['a'])
  scene.bring('b')
  // Its teller may be just about to end.
  expect(await scene.take()).toBeUndefined()
  scene.now += 10_000
  expect(await scene.take()).toEqual(['a', 'b'])
  scene.hear(scene.last)
  expect(await scene.take()).toBeUndefined()
})

test('a queue counts as long as its program lives: what it held when it died is told again', async () => {
  const scene = new Scene()
  const living = await identityOf(process.pid)
  if (living === undefined) throw new Error('this process has no identity')
  const dead = { ...living, startTime: '1' }
  for (const [claude, again] of [
    [living, undefined],
    [dead, ['b']],
  ] as const) {
    scene.bring(claude === living ? 'a' : 'b')
    await scene.take(claude)
    scene.hear(scene.last, 'queue-operation')
    scene.now += 10_000
    expect(await scene.take(living)).toEqual(again)
  }
})

test('without a transcript, or where it shows nothing again and again, better once too few than for ever', async () => {
  const scene = new Scene()
  scene.bring('a')
  const tries: unknown[] = []
  for (let count = 0; count < 6; count++, scene.now += 10_000) tries.push(await scene.take())
  expect(tries.filter((each) => each !== undefined)).toHaveLength(4)
  const other = new Scene()
  other.bring('a')
  const listener = { ...other.listener(), transcript: join(other.root, 'none.jsonl') }
  expect([await takeNews(listener), await takeNews(listener)]).toEqual([expect.any(String), undefined])
})

test('a waiter and a prompt that look at the same moment tell it once', async () => {
  const scene = new Scene()
  scene.bring('a')
  const both = await Promise.all(Array.from({ length: 5 }, () => takeNews(scene.listener())))
  expect(both.filter((words) => words !== undefined)).toHaveLength(1)
  expect(readdirSync(scene.folder).toSorted()).toEqual(['since', 'told-1.json'])
})

test('who waits hears what comes, together; who is told to stop says nothing', async () => {
  const scene = new Scene()
  const stop = new AbortController()
  const waiting = waitForNews(scene.listener(), 0, new AbortController().signal)
  const stopped = waitForNews({ ...scene.listener(), projects: () => [] }, 0, stop.signal)
  scene.bring('a')
  expect(titlesOf((await waiting) ?? '')).toEqual(['a'])
  stop.abort()
  expect(await stopped).toBeUndefined()
})

test('who waits while words are under way goes on when the transcript shows them', async () => {
  const scene = new Scene()
  scene.bring('a')
  await scene.take()
  scene.bring('b')
  const waiting = waitForNews(scene.listener(), 0, new AbortController().signal)
  scene.hear(scene.last)
  const words = await until(() => waiting, { what: 'the next is told' })
  expect(titlesOf(words)).toEqual(['b'])
  expect(existsSync(join(scene.folder, 'told-2.json'))).toBe(true)
})
