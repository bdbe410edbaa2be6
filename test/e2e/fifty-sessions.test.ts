import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { pssMb, rssMb } from '../support/fleet/memory.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { sessionPids } from '../support/claude/session-pids.ts'

const ids = Array.from({ length: 50 }, (_, index) => `t${index + 1}`)
const tasks = ids.map((id) => `- [ ] Write the page of ${id}\n  - id: ${id}\n`).join('')
/** Every session waits at one gate, so that all fifty live at the same moment. */
const script = `default:
  - bash: cat ../gate
  - bash: echo {{task}} > {{task}}.txt && git add -A && git commit -qm 'Write {{task}}' && orch done
  - end: "Finished."
`

fleetTest('fifty sessions at once start one after the other, finish and land', async ({ fleet }) => {
  const scene = await fleet.begin({ tasks, script })
  const gate = join(scene.orch.folder, 'gate')
  execFileSync('mkfifo', [gate])
  await scene.startDaemon()
  await scene.startBacklog({ max: ids.length })

  await until(() => ids.every((id) => existsSync(join(sessionFolder(scene, id), '1.1', 'out.times'))), {
    what: 'every session has shown a sign of life',
    deadlineMs: 100_000,
  })
  expect(mostAtOnce(ids.map((id) => startOf(scene, id)))).toBeLessThanOrEqual(availableParallelism())
  await until(() => ids.every((id) => scene.status(id)?.reason.startsWith('Bash: cat') === true), {
    what: 'all sessions stand at the gate',
    deadlineMs: 60_000,
  })
  printMemory(scene)

  closeSync(openSync(gate, 'w')) // whoever waits to open it, or reads, goes on
  await scene.untilStatus(ids, 'Merged', 120_000)
  const landed = await scene.git('ls-tree', '--name-only', 'main')
  expect(landed.split('\n').filter((name) => /^t\d+\.txt$/.test(name))).toHaveLength(ids.length)
  expect(await scene.git('status', '--porcelain')).toBe('')
  scene.expectNoRepeatedReplies()
})

interface Span {
  readonly from: number
  readonly to: number
}

/** From the launch of a session's process until its first sign of life, by the session's own record. */
function startOf(scene: FleetScene, id: string): Span {
  const folder = processFolder(scene, id)
  const [, , launchedAt] = readFileSync(join(folder, 'pid'), 'utf8').split('\n')
  const [, seenAt] = (readFileSync(join(folder, 'out.times'), 'utf8').split('\n')[0] ?? '').split(' ')
  return { from: Number(launchedAt), to: Number(seenAt) }
}

function processFolder(scene: FleetScene, id: string): string {
  const names = readdirSync(sessionFolder(scene, id)).filter((name) => /^\d+\.\d+$/.test(name))
  expect(names).toEqual(['1.1']) // nothing was started twice
  return join(sessionFolder(scene, id), '1.1')
}

function sessionFolder(scene: FleetScene, id: string): string {
  return join(scene.orch.orchHome, 'sessions', `repo.${id}`)
}

function mostAtOnce(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length))
}

function printMemory(scene: FleetScene): void {
  const agents = ids.map((id) => sessionPids(processFolder(scene, id)).agent)
  const daemon = scene.daemonPid ?? 0
  console.log(
    `memory with ${ids.length} live sessions: daemon ${rssMb(daemon).toFixed(0)} MB (RSS), agents together ${pssMb(agents).toFixed(0)} MB (PSS)`,
  )
}
