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
  await scene.startDaemon()
  await steer(on, 'pause')
  await scene.killDaemon()
  await restart()
  for (const name of on.branches)
    await insist(
      on,
      () => on.offer([name]),
      () => isOffered(on, name),
      restart,
    )
  // Both in one batch: it begins only now.
  await insist(
    on,
    () => steer(on, 'resume'),
    () => on.records().some(({ run }) => run.startsWith('batch.')),
    restart,
  )
  while (!on.isSettled()) {
    await until(() => !scene.isDaemonAlive || on.isSettled(), { what: 'the daemon dies or all is settled' })
    if (!scene.isDaemonAlive) await restart()
  }
  await scene.killDaemon()
  await scene.startDaemon()
  await on.expectLandedOnce(['agent/1'])
  await on.expectTested()
  on.expectCheckoutUntouched()
  expect(on.records().filter(({ type, run }) => type === 'start' && run.startsWith('batch.'))).toHaveLength(1)
  const again = await on.untilDone((await on.offer()).id)
  expect(again.entries).toMatchObject([{ outcome: 'already-landed' }, { outcome: 'sent-back', breakage: { kind: 'fails', step: 'test' } }])
  await on.expectLandedOnce(['agent/1'])
  console.log(`died ${deaths.before} times before a write, ${deaths.after} times after one`)
})

/** Asks until the journal says so: a daemon that dies over that very write answers nothing. */
async function insist(on: QueueScene, ask: () => Promise<unknown>, isDone: () => boolean, restart: () => Promise<void>): Promise<void> {
  while (!isDone()) {
    try {
      await ask()
    } catch (error) {
      // The connection breaks a moment before we hear of the death.
      await until(() => !on.scene.isDaemonAlive, { what: 'the daemon is dead', deadlineMs: 1000 }).catch(() => {
        throw error
      })
    }
    await until(() => isDone() || !on.scene.isDaemonAlive, { what: 'it is written down' })
    if (!on.scene.isDaemonAlive) await restart()
  }
}

function steer(on: QueueScene, action: 'pause' | 'resume'): Promise<unknown> {
  return on.scene.call('POST', '/v1/queue', { cwd: on.repository, action })
}

function isOffered(on: QueueScene, name: string): boolean {
  return on.records().some(({ type, run, input }) => type === 'start' && run.startsWith('entry.') && input?.offer?.entry.branch === name)
}
