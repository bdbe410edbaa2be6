import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { type BranchChanges, QueueScene } from '../support/fleet/queue-scene.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

/** In every title: CRASH_SEED=<seed> runs the same again. */
const seed = crashSeed()

/** One lands, one breaks a test. */
const two: BranchChanges = {
  'agent/1': { 'parts/1.txt': '1\n' },
  'agent/2': { 'tests/2.sh': 'test -s nowhere.txt\n' },
}

fleetTest(`a daemon that dies at every single write of its journal still settles a queue (seed ${seed})`, async ({ fleet }) => {
  const random = new Random(seed)
  const scene = await fleet.begin({})
  const on = await QueueScene.begin(scene, 'small', two, { isAway: true })
  const deaths = { before: 0, after: 0 }
  // Right after its first write, or before its second: either way each daemon gets exactly one write further, so that none is left out.
  const restart = async (): Promise<void> => {
    const side = random.next() < 0.5 ? 'before' : 'after'
    deaths[side] += 1
    await scene.startDaemon({ ORCH_CRASH_AT_WRITE: side === 'before' ? '2' : '1+' })
  }
  await restart()
  for (const name of on.branches) await offerWhateverHappens(on, name, restart)
  while (!isSettled(on)) {
    await until(() => !scene.isDaemonAlive || isSettled(on), { what: 'the daemon dies or all is settled' })
    if (!scene.isDaemonAlive) await restart()
  }
  await scene.killDaemon()
  await scene.startDaemon()
  await on.expectLandedOnce(['agent/1'])
  await on.expectTested()
  on.expectCheckoutUntouched()
  const again = await on.untilDone((await on.offer()).id)
  expect(again.entries).toMatchObject([{ outcome: 'landed' }, { outcome: 'sent-back', breakage: { kind: 'fails', step: 'test' } }])
  await on.expectLandedOnce(['agent/1'])
  console.log(`died ${deaths.before} times before a write, ${deaths.after} times after one`)
})

/** Until the branch has an entry: a daemon that dies over that very write answers nothing, so its journal is asked. */
async function offerWhateverHappens(on: QueueScene, name: string, restart: () => Promise<void>): Promise<void> {
  while (!isOffered(on, name)) {
    try {
      await on.offer([name])
    } catch (error) {
      // The connection breaks a moment before we hear of the death.
      await until(() => !on.scene.isDaemonAlive, { what: 'the daemon is dead', deadlineMs: 1000 }).catch(() => {
        throw error
      })
    }
    if (!on.scene.isDaemonAlive) await restart()
  }
}

function isOffered(on: QueueScene, name: string): boolean {
  return records(on).some(({ type, run, input }) => type === 'start' && run.startsWith('entry.') && input?.offer?.entry.branch === name)
}

/** Every run that began has ended: of the entries and of the batches. */
function isSettled(on: QueueScene): boolean {
  const of = (type: string): string[] => records(on).flatMap((record) => (record.type === type ? [record.run] : []))
  const ended = new Set(of('end'))
  return of('start').every((run) => ended.has(run))
}

interface Written {
  readonly type: string
  readonly run: string
  readonly input?: { readonly offer?: { readonly entry: { readonly branch: string } } }
}

function records(on: QueueScene): Written[] {
  const journal = join(on.scene.orch.orchHome, 'journal', 'events.jsonl')
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : []
  // The last line may be half written: it is none then.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Written)
}
