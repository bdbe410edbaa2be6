import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { CrashScene } from '../support/fleet/crash-scene.ts'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { foundNotices } from '../support/notices/notice-lines.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

const needs: Readonly<Record<string, string>> = {
  page5: 'page1',
  page6: 'page2',
  page9: 'page5, page6',
  page10: 'page3',
  page11: 'page4, page10',
  page12: 'page9, page11',
}
const tasks = `# Backlog\n\n${Array.from({ length: 12 }, (_, index) => {
  const id = `page${index + 1}`
  return `- [ ] Write ${id}\n  - id: ${id}\n${needs[id] === undefined ? '' : `  - needs: ${needs[id]}\n`}`
}).join('')}`

/** The last task, which needs all others but two, does not finish before the last kill: else a fast machine would be done with fewer. */
const script = `sessions:
  - match: { task: page12 }
    steps:
      - bash: mkdir -p pages && echo page12 > pages/page12.md && git add -A && git commit -qm 'Write page12'
      - bash: touch "$HOME/at-gate" && until [ -e "$HOME/gate-open" ]; do sleep 0.05; done
      - bash: orch done written
      - end: "Done."
`

const KILLS = 20
/** A little less than what the work comes to before the gate. */
const WHOLE = { journal: 95_000, requests: 52 }

/** CRASH_SEED=<seed> tries the same moments again. */
const seed = crashSeed()

fleetTest(`twelve tasks land once each while the daemon is killed at ${KILLS} random moments (seed ${seed})`, async ({ fleet }) => {
  const random = new Random(seed)
  const crash = new CrashScene(await fleet.begin({ tasks, script }))
  const { scene } = crash
  const isAtGate = (): boolean => existsSync(join(scene.orch.home, 'at-gate'))
  const restart = (): Promise<void> => scene.startDaemon()
  await restart()
  await crash.startBacklog(restart)
  const moments: string[] = []
  while (moments.length < KILLS) {
    const from = crash.progress()
    // Agents go on without a daemon, so the steps shorten with what is left.
    const left = KILLS - moments.length + 1
    const bytes = from.journal + random.between(1, Math.max(1, Math.floor((WHOLE.journal - from.journal) / left)))
    const requests = from.requests + random.between(1, Math.max(1, Math.floor((WHOLE.requests - from.requests) / left)))
    const isByJournal = random.next() < 0.7 || requests > WHOLE.requests
    await crash.killDaemonAt((now) => isAtGate() || (isByJournal ? now.journal >= bytes : now.requests >= requests))
    moments.push(isAtGate() ? 'the gate' : isByJournal ? `${bytes} B` : `request ${requests}`)
    await restart()
  }
  writeFileSync(join(scene.orch.home, 'gate-open'), '')
  await crash.untilLanded()
  await crash.expectLandedOnce()
  crash.expectOneProcessAtATime()
  scene.expectNoRepeatedReplies()
  await expectEachNoticedOnce(scene.orch.orchHome)
  const { journal, requests } = crash.progress()
  await crash.cleanUp(restart)
  console.log(`killed at ${moments.join(', ')}; in all ${journal} bytes of journal and ${requests} requests`)
})

/** Whatever the moments were, the person hears of each landing and of the end of the fleet once. */
async function expectEachNoticedOnce(home: string): Promise<void> {
  await until(() => foundNotices(home).includes('finished'), { what: 'the end of the fleet is noticed' })
  const landed = Array.from({ length: 12 }, (_, index) => `landed repo.page${index + 1}`)
  const found = foundNotices(home).filter((notice) => notice === 'finished' || notice.startsWith('landed '))
  expect(found.toSorted()).toEqual(['finished', ...landed].toSorted())
}
