import { expect } from 'vitest'
import type { MergeResponse } from '../../src/protocol/responses.ts'
import type { QueueResponse } from '../../src/protocol/queue.ts'
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
  await offerWhateverHappens(on, restart)
  while (!(await isSettled(on))) {
    await until(async () => !scene.isDaemonAlive || (await isSettled(on)), { what: 'the daemon dies or all is settled' })
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

/** Until every branch is in the queue, or was: what the question before left behind is told from what it did not get to. */
async function offerWhateverHappens(on: QueueScene, restart: () => Promise<void>): Promise<MergeResponse> {
  for (;;) {
    try {
      const answer = await on.offer()
      expect(answer, JSON.stringify(answer)).toHaveProperty('entries')
      return answer
    } catch (error) {
      // The connection breaks a moment before we hear of the death.
      await until(() => !on.scene.isDaemonAlive, { what: 'the daemon is dead', deadlineMs: 1000 }).catch(() => {
        throw error
      })
      await restart()
    }
  }
}

/** Nothing waits and nothing is at work; false as well while there is nobody to ask. */
async function isSettled(on: QueueScene): Promise<boolean> {
  try {
    const path = `/v1/queue?cwd=${encodeURIComponent(on.repository)}`
    const { targets } = await on.scene.call<QueueResponse>('GET', path)
    return targets.every(({ entries, batch }) => entries.length === 0 && batch === undefined) && (await isLanded(on))
  } catch {
    return false
  }
}

async function isLanded(on: QueueScene): Promise<boolean> {
  return (await on.git('branch', '--contains', 'agent/1', '--list', 'main')) !== ''
}
