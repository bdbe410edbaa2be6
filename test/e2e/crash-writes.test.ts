import { resolve } from 'node:path'
import { CrashScene } from '../support/fleet/crash-scene.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

const tasks = `# Backlog

- [ ] Write the first page
  - id: first
- [ ] Bind the pages
  - id: bind
  - needs: first
`
const program = resolve(import.meta.dirname, '../fixtures/agents/commits-once.sh')
const commandAgent = `validate: "true"\nagent:\n  command: [/bin/sh, ${JSON.stringify(program)}]\n`

/** In every title: CRASH_SEED=<seed> runs the same again. */
const seed = crashSeed()

fleetTest(`a daemon that dies at every single write of its journal still brings two tasks home (seed ${seed})`, async ({ fleet }) => {
  const random = new Random(seed)
  const crash = new CrashScene(await fleet.begin({ tasks, config: commandAgent }))
  const deaths = { before: 0, after: 0 }
  // Right after its first write, or before its second: either way each daemon gets exactly one write further, so that none is left out.
  const restart = async (): Promise<void> => {
    const side = random.next() < 0.5 ? 'before' : 'after'
    deaths[side] += 1
    await crash.scene.startDaemon({ ORCH_CRASH_AT_WRITE: side === 'before' ? '2' : '1+' })
  }
  await restart()
  await crash.startBacklog(restart)
  for (;;) {
    await crash.untilDeadOrOver()
    if (crash.scene.isDaemonAlive) break
    await restart()
  }
  await crash.expectLandedOnce()
  crash.expectOneProcessAtATime()
  await crash.cleanUp(restart)
  console.log(`died ${deaths.before} times before a write, ${deaths.after} times after one`)
})

/** About as many writes as two tasks of real sessions take. */
const WRITES = 110
const sample = new Random(seed)

for (let number = 0; number < 4; number++) {
  const moment = `${sample.between(1, WRITES)}${sample.next() < 0.5 ? '' : '+'}`
  fleetTest(`real sessions, and a daemon that dies once, at write ${moment} (seed ${seed})`, async ({ fleet }) => {
    const crash = new CrashScene(await fleet.begin({ tasks }))
    const restart = (): Promise<void> => crash.scene.startDaemon()
    await crash.scene.startDaemon({ ORCH_CRASH_AT_WRITE: moment })
    await crash.startBacklog(restart)
    await crash.untilDeadOrOver(30_000)
    if (!crash.scene.isDaemonAlive) await restart()
    await crash.untilLanded()
    await crash.expectLandedOnce()
    crash.expectOneProcessAtATime()
    crash.scene.expectNoRepeatedReplies()
    await crash.cleanUp(restart)
  })
}
