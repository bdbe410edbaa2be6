import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { TaskScene } from '../../../test/support/task-scene.ts'
import { temporaryFolder, writeTree } from '../../../test/support/temporary.ts'

interface Line {
  readonly type: string
  readonly run: string
  readonly name?: string
  readonly seq?: number
  readonly status?: string
}

const SETTINGS = { validate: 'check', land: 'auto' } as const
const SEAT = 'app.a#1/seat.9'

test('a task that waited for its turn to land under the version before the queue is offered to the queue', async () => {
  const scene = await TaskScene.begin(SETTINGS, await olderJournal(() => []))
  await scene.untilStage('a', 'merged')
  expect(scene.offers).toHaveLength(1)
})

test('one that was landing at that moment is not mixed with its older story: its run fails, and it waits in no queue', async () => {
  const landing = (at: number): object[] => [
    { v: 1, type: 'step', run: 'app.a#1', seq: at + 2, name: 'recv:news', output: { kind: 'seat', seat: SEAT }, at: 1 },
    { v: 1, type: 'step', run: 'app.a#1', seq: at + 3, name: 'build candidate', output: { kind: 'candidate' }, at: 1 },
  ]
  const folder = await olderJournal(landing)
  const scene = await TaskScene.begin(SETTINGS, folder)
  await expect(scene.ended('a')).rejects.toMatchObject({ code: 'nondeterministic-run' })
  expect(scene.forgotten).toEqual(scene.offers.map(({ entry }) => entry.id))
  await until(() => ended(folder, SEAT), { what: 'its seat is given back' })
})

/** As the version before left it: at its place a call of a seat on the project's queue of landings, which is not there any more. */
async function olderJournal(more: (stagedAt: number) => readonly object[]): Promise<string> {
  const folder = temporaryFolder()
  const scene = await TaskScene.begin(SETTINGS, folder)
  scene.outcomes.push('open')
  await scene.start('a', 'spawned')
  const process = await scene.untilSaid('[orch task a]')
  await scene.tell('a', { kind: 'declared', what: 'done', commit: 'a'.repeat(40), message: '' })
  await scene.endTurn('a', process)
  await until(() => scene.offers.length === 1, { what: 'the offer' })
  const events = eventsIn(folder).filter((event) => event.type !== 'step' || event.name !== 'offer')
  const staged = events.find((event) => event.type === 'step' && event.name === 'stage waiting-to-land')
  const start = {
    v: 1,
    type: 'start',
    run: SEAT,
    name: 'seat',
    input: { holder: 'app.a#1' },
    queue: 'landings of app',
    parent: 'app.a#1',
    at: 1,
  } as const
  const older = temporaryFolder()
  writeTree(older, {
    'journal/events.jsonl': [...events, start, ...more(staged?.seq ?? -1)].map((event) => `${JSON.stringify(event)}\n`).join(''),
  })
  return older
}

function ended(folder: string, run: string): boolean {
  return eventsIn(folder).some((event) => event.type === 'end' && event.run === run && event.status === 'cancelled')
}

function eventsIn(folder: string): Line[] {
  const lines = readFileSync(join(folder, 'journal', 'events.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
}
