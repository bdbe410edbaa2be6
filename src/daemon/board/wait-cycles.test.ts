import { expect, test } from 'vitest'
import { BoardScene } from '../../../test/support/board/board-scene.ts'
import { type OutboxFile, renderOutboxFile } from '../../domain/board/outbox-file.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

/** Three departments that speak by files. */
async function begin() {
  const scene = new BoardScene()
  const all = scene.departments('api', 'db', 'ui')
  let count = 100
  const say = async (from: keyof typeof all, said: Pick<OutboxFile, 'kind' | 'text'> & Partial<OutboxFile>): Promise<void> => {
    const input = all[from]
    scene.leave(input, `${(count += 1)}.md`, renderOutboxFile(said))
    await scene.life.outbox.drain(input)
  }
  return { scene, say, told: () => scene.onDisk().filter(({ from }) => from === 'orch') }
}

test('those who wait for each other are told so once, with the person; an answer of any of them takes it from the person', async () => {
  const { scene, say, told } = await begin()
  await say('api', { kind: 'question', to: ['db'], text: 'Which table?' })
  await say('db', { kind: 'need', to: ['ui'], text: 'The form' })
  expect(told()).toEqual([])
  await say('ui', { kind: 'question', to: ['api'], text: 'Which fields?' })
  expect(told()).toMatchObject([{ kind: 'escalation', feature: 'app.pay', to: ['app.pay.ui', 'app.pay.api', 'app.pay.db', 'human'] }])
  expect(told()[0]?.text).toContain('app.pay.db waits for app.pay.ui (its need m2)')
  const wakened = scene.told.filter(({ news }) => news.kind === 'mail' && news.what === 'escalation' && news.wakes)
  expect(wakened.map(({ run }) => run).toSorted()).toEqual(['app.pay.api#1', 'app.pay.db#1', 'app.pay.ui#1'])
  await say('api', { kind: 'answer', inReplyTo: 'm3', text: 'name and price' })
  expect(told().slice(1)).toMatchObject([{ kind: 'answer', inReplyTo: 'm4', to: [], text: expect.stringContaining('has answered m3') }])
  await say('db', { kind: 'answer', inReplyTo: 'm1', text: 'prices' })
  expect(told()).toHaveLength(2)
})

test("the person's answer goes to all of the cycle; whose task has ended is waited for in vain, but in no cycle", async () => {
  const { scene, say, told } = await begin()
  await say('api', { kind: 'question', to: ['db'], text: '?' })
  await say('db', { kind: 'question', to: ['api'], text: '?' })
  await scene.life.person.say({ kind: 'answer', project: 'app', inReplyTo: 'm3', text: 'db decides' }, 'k')
  expect(scene.onDisk().at(-1)).toMatchObject({ from: 'human', to: ['app.pay.db', 'app.pay.api'], inReplyTo: 'm3' })
  await say('ui', { kind: 'question', to: ['api'], text: '?' })
  scene.stages.set('app.pay.ui', 'archived')
  await say('api', { kind: 'question', to: ['ui'], text: '?' })
  expect(told().filter(({ kind }) => kind === 'escalation')).toHaveLength(1)
})

test('a daemon that died before it told of a cycle tells of it when it takes the file again, and once', async () => {
  const { scene, say, told } = await begin()
  await say('api', { kind: 'question', to: ['db'], text: '?' })
  scene.beforeTell = ({ news }) => {
    if (news.kind === 'asked') throw new Error('disk full')
  }
  await say('db', { kind: 'question', to: ['api'], text: '?' })
  expect(told()).toEqual([])
  scene.beforeTell = () => undefined
  await scene.restart()
  const db = scene.records.get('app.pay.db')?.input as TaskInput
  await scene.life.outbox.drain(db)
  await scene.life.outbox.drain(db)
  expect(told()).toHaveLength(1)
})
