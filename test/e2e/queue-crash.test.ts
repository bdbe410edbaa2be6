import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { EIGHT, EIGHT_LANDABLE, QueueScene } from '../support/fleet/queue-scene.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

/** In every title: CRASH_SEED=<seed> runs the same again. */
const seed = crashSeed()
const ROUNDS = 3
const KILLS_PER_ROUND = 10

fleetTest(`a queue whose daemon is killed at 30 moments ends as one that nobody disturbed (seed ${seed})`, async ({ fleet }) => {
  const random = new Random(seed)
  const scene = await fleet.begin({})
  await scene.startDaemon()
  const calm = await QueueScene.begin(scene, 'calm', EIGHT, { isAway: true })
  const before = journalSize(scene)
  await calm.untilDone((await calm.offer()).id)
  const length = journalSize(scene) - before
  await expectEnd(calm)
  for (let round = 1; round <= ROUNDS; round++) {
    const on = await QueueScene.begin(scene, `round-${round}`, EIGHT, { isAway: true })
    const moments = Array.from({ length: KILLS_PER_ROUND }, () => random.next() * length).toSorted((a, b) => a - b)
    const begun = journalSize(scene)
    const { id } = await on.offer()
    for (const moment of moments) {
      await killAt(on, begun + moment)
      await scene.startDaemon()
    }
    await on.untilDone(id)
    await expectEnd(on)
    expect(await on.tree()).toBe(await calm.tree())
  }
})

/** What must hold of the eight, whatever was killed. */
async function expectEnd(on: QueueScene): Promise<void> {
  await on.expectLandedOnce(EIGHT_LANDABLE)
  await on.expectTested()
  on.expectCheckoutUntouched()
}

function journalSize(scene: FleetScene): number {
  return statSync(journalOf(scene), { throwIfNoEntry: false })?.size ?? 0
}

function journalOf(scene: FleetScene): string {
  return join(scene.orch.orchHome, 'journal', 'events.jsonl')
}

/** kill -9 as soon as the journal is so long, or there is nothing more to be written. */
async function killAt(on: QueueScene, size: number): Promise<void> {
  const { scene } = on
  await until(() => journalSize(scene) >= size || on.isSettled(), {
    what: `the journal has ${Math.round(size)} bytes`,
    watching: journalOf(scene),
  })
  await scene.killDaemon()
}
