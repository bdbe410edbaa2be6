import { linkSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BoardScene } from '../../../test/support/board/board-scene.ts'
import { HUMAN, type NewMessage, ORCH } from '../../domain/board/message.ts'
import { type OutboxFile, renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { personOutbox } from '../../config/home.ts'

const AT = '2026-01-02T03:04:05.000Z'
const ANSWER: OutboxFile = { kind: 'answer', project: 'app', inReplyTo: 'm1', decision: 'deny', at: AT, text: 'use the library' }

test('an answer that was kept while no daemon ran is taken once, and reaches whoever asked', async () => {
  const { scene, api, leave, left } = await asked()
  leave('1.md', renderOutboxFile(ANSWER))
  await scene.restart()
  await scene.life.person.drain()
  await scene.life.person.drain()
  expect(scene.mailOf(api)).toMatchObject([
    { inReplyTo: 'm1', decision: 'deny', from: HUMAN, text: expect.stringContaining('use the library') as unknown },
  ])
  expect(scene.receipts('m1')).toMatchObject([{ to: HUMAN, answeredAt: scene.clock.now() }])
  expect(left()).toEqual([])
})

test('taken, and the daemon died before its file was gone: it is one answer', async () => {
  const { scene, api, leave, left } = await asked()
  leave('1.md', renderOutboxFile(ANSWER))
  const [file, same] = ['1.md', '.same'].map((name) => join(personOutbox(scene.home), name))
  linkSync(file ?? '', same ?? '')
  await scene.life.person.drain()
  renameSync(same ?? '', file ?? '')
  await scene.restart()
  await scene.life.person.drain()
  expect(scene.mailOf(api)).toHaveLength(1)
  expect(scene.onDisk().filter(({ from }) => from === HUMAN)).toHaveLength(1)
  expect(left()).toEqual([])
})

test('a second answer, and one to what was taken back, is kept aside and says why', async () => {
  const { scene, api, leave, left } = await asked()
  await scene.life.board.post('app', { ...question(api.handle), text: 'Another?' }, 'k2')
  await scene.life.board.post('app', { kind: 'answer', from: ORCH, to: [], inReplyTo: 'm2', text: 'No longer asked.' }, 'k3')
  leave('1.md', renderOutboxFile(ANSWER))
  leave('2.md', renderOutboxFile({ ...ANSWER, decision: 'approve' }))
  leave('3.md', renderOutboxFile({ ...ANSWER, inReplyTo: 'm2' }))
  await scene.life.person.drain()
  expect(scene.mailOf(api).filter(({ inReplyTo }) => inReplyTo !== undefined)).toMatchObject([{ inReplyTo: 'm1', decision: 'deny' }])
  expect(left()).toEqual(['refused/2.md', 'refused/3.md'])
  const notes = scene.onDisk().flatMap(({ from, kind, text }) => (from === ORCH && kind === 'note' ? [text] : []))
  expect(notes[0]).toMatch(/2\.md\) was not taken: m1 of app was answered already, at \S+: denied: "use the library"/)
  expect(notes[1]).toMatch(/3\.md\) was not taken: m2 of app was taken back at \S+: "No longer asked\."/)
})

test("an answer to a session's own request goes to whoever asked, and hostile files harm nobody", async () => {
  const { scene, leave, left } = await asked()
  leave('1.md', renderOutboxFile({ kind: 'answer', request: 'r1', decision: 'approve', at: AT, text: '' }))
  leave('2.md', renderOutboxFile({ kind: 'answer', request: 'r2', answers: ['1', 'no'], at: AT, text: '1\nno' }))
  leave('3.md', 'no front matter')
  leave('4.md', renderOutboxFile({ ...ANSWER, project: '../../elsewhere' }))
  symlinkSync('/etc/passwd', join(personOutbox(scene.home), '5.md'))
  await scene.life.person.drain()
  expect(scene.life.answered).toEqual([
    { requestId: 'r1', decision: { kind: 'allow' } },
    { requestId: 'r2', decision: { kind: 'answer', answers: ['1', 'no'] } },
  ])
  expect(left()).toEqual(['5.md', 'refused/3.md', 'refused/4.md'])
  expect(scene.logged).toHaveLength(2)
})

function question(from: string): NewMessage {
  return { kind: 'escalation', from, to: [HUMAN], text: 'May it?', gate: 'auth', options: ['approve', 'deny'] }
}

/** A task has asked its person something. */
async function asked() {
  const scene = new BoardScene()
  const api = scene.task('api')
  await scene.life.board.post('app', question(api.handle), 'k1')
  const folder = personOutbox(scene.home)
  mkdirSync(folder, { recursive: true })
  const names = (path: string, prefix = ''): string[] =>
    readdirSync(path, { withFileTypes: true })
      .flatMap((entry) => (entry.isDirectory() ? names(join(path, entry.name), `${entry.name}/`) : [`${prefix}${entry.name}`]))
      .toSorted()
  const leave = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  return { scene, api, leave, left: () => names(folder) }
}
