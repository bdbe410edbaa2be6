import { expect, test } from 'vitest'
import { BoardScene } from '../../../test/support/board/board-scene.ts'
import { until } from '../../../test/support/eventually.ts'
import { renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { MOST_PER_MINUTE } from '../../domain/board/rate.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

const SENDERS = 50
const EACH = 20

test(
  'fifty who say twenty things each to the next one: all of it arrives in order, once, and nobody is held back',
  { timeout: 180_000 },
  async () => {
    const scene = new BoardScene()
    const tasks = Array.from({ length: SENDERS }, (_, number) => scene.task(`t${number}`))
    for (const [number, task] of tasks.entries()) leaveMany(scene, task, `t${(number + 1) % SENDERS}`, EACH)
    await Promise.all(tasks.map((task) => scene.life.outbox.drain(task)))
    expect(scene.onDisk()).toHaveLength(SENDERS * EACH)
    for (const [number, task] of tasks.entries()) {
      const mail = scene.mailOf(task)
      expect(mail.map(({ text }) => text.split(' ').at(-1))).toEqual(Array.from({ length: EACH }, (_, at) => `${100 + at}`))
      expect(new Set(mail.map(({ from }) => from))).toEqual(new Set([`app.t${(number + SENDERS - 1) % SENDERS}`]))
      expect(scene.outbox(task)).toEqual([])
      // The session hears all of it: each receipt closes.
      for (const { id } of mail) scene.life.board.noteDelivered(task.handle, id, scene.clock.now())
    }
    await until(() => scene.onDisk().every(({ id }) => scene.receipts(id)[0]?.deliveredAt !== undefined), { what: 'every receipt' })
    expect(scene.notes).toEqual([])
  },
)

test('a flood is held back and reported; what others say meanwhile is taken at once, and a new daemon does not forget how much was said', async () => {
  const scene = new BoardScene()
  const [loud, quiet, hearer] = [scene.task('loud'), scene.task('quiet'), scene.task('hearer')]
  leaveMany(scene, loud, 'hearer', MOST_PER_MINUTE + 15)
  await scene.life.outbox.drain(loud)
  leaveMany(scene, quiet, 'hearer', 5)
  await scene.life.outbox.drain(quiet)
  const heardOf = (handle: string) => scene.mailOf(hearer).filter(({ from }) => from === handle)
  expect([heardOf('app.loud').length, heardOf('app.quiet').length]).toEqual([MOST_PER_MINUTE, 5])
  expect(scene.notes).toMatchObject([{ handle: 'app.loud', message: { kind: 'throttled' } }])
  await scene.restart()
  await scene.life.outbox.drain(loud)
  expect(heardOf('app.loud')).toHaveLength(MOST_PER_MINUTE)
  await until(
    async () => {
      await scene.clock.advance(10_000)
      return scene.outbox(loud).length === 0
    },
    { what: 'all of it was taken' },
  )
  expect(heardOf('app.loud').map(({ text }) => text.split(' ').at(-1))).toEqual(
    Array.from({ length: MOST_PER_MINUTE + 15 }, (_, at) => `${100 + at}`),
  )
})

test('claims of a session have a bound of their own: they wait behind no words, and a flood of them is held back too', async () => {
  const scene = new BoardScene()
  const loud = scene.task('loud')
  const claims = () => scene.onDisk().filter(({ text }) => text.startsWith('done: '))
  for (let number = 0; number < MOST_PER_MINUTE + 5; number++) {
    scene.leave(loud, `1-${100 + number}.md`, renderOutboxFile({ kind: 'blocked', text: `stuck ${number}` }))
    scene.leave(loud, `2-${100 + number}.md`, renderOutboxFile({ kind: 'done', text: `${number}` }))
  }
  await scene.life.outbox.drain(loud)
  expect([claims().length, scene.onDisk().length]).toEqual([MOST_PER_MINUTE, 2 * MOST_PER_MINUTE])
  await scene.restart()
  await scene.life.outbox.drain(loud)
  expect(scene.onDisk()).toHaveLength(2 * MOST_PER_MINUTE)
  expect(scene.outbox(loud)).toHaveLength(10)
})

function leaveMany(scene: BoardScene, from: TaskInput, to: string, count: number): void {
  for (let number = 100; number < 100 + count; number++) {
    scene.leave(from, `${number}.md`, renderOutboxFile({ kind: 'note', to: [to], text: `word ${number}` }))
  }
}
