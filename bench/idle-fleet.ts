import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import { findLeftovers } from '../test/support/leftovers.ts'
import { pssMb, rssMb } from '../test/support/fleet/memory.ts'
import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

const sessions = 50
const windowMs = 20_000
/** What the last start left to do is not idle. */
const settleMs = 10_000
const script = `default:
  - end: "I wait."
`

/** What the daemon costs while 50 live sessions say nothing: its memory, and the processor time that it took by the system's own account. */
export async function measureIdleFleet(runs: number): Promise<readonly Figure[]> {
  const ids = Array.from({ length: sessions }, (_, index) => `idle-${index + 1}`)
  const tasks = ids.map((id) => `- [ ] Wait as ${id}\n  - id: ${id}\n`).join('')
  const scene = await Scene.begin({ script, files: { 'tasks.md': tasks, 'orch.yaml': 'validate: "true"\nnudge-after: 24h\n' } })
  try {
    await scene.orch('run', '--detach', '--max', String(sessions))
    await scene.untilAll(sessions, 'Idle', 180_000)
    await pass(settleMs)
    const daemon = scene.daemonPid
    const agents = findLeftovers(scene.home).flatMap(({ pid }) => (pid === daemon ? [] : [pid]))
    const samples: { rss: number; cpu: number }[] = []
    for (let run = 0; run < runs; run++) samples.push({ cpu: await cpuShare(daemon), rss: rssMb(daemon) })
    return [
      {
        id: 'idle-rss',
        what: `daemon memory (RSS), ${sessions} idle sessions`,
        unit: 'MB',
        goal: 90,
        samples: samples.map(({ rss }) => rss),
      },
      {
        id: 'idle-cpu',
        what: `daemon processor time, ${sessions} idle sessions`,
        unit: '%',
        goal: 0.2,
        samples: samples.map(({ cpu }) => cpu),
        note: `each over ${windowMs / 1000} s`,
      },
      { id: 'agents-pss', what: `memory of the ${sessions} agents together (PSS)`, unit: 'MB', samples: [pssMb(agents)] },
    ]
  } finally {
    await scene.end()
  }
}

/** Percent of one core. The clock only says how long to look; what was used comes from the system's account. */
export async function cpuShare(pid: number): Promise<number> {
  const [startedAt, before] = [performance.now(), cpuMs(pid)]
  await pass(windowMs)
  return ((cpuMs(pid) - before) / (performance.now() - startedAt)) * 100
}

/** User and system time of the process so far. Linux counts it in ticks of 10 ms, 0.05 % of a window. */
function cpuMs(pid: number): number {
  if (process.platform !== 'linux') return parsePsTime(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }))
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function parsePsTime(text: string): number {
  return (
    text
      .trim()
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0) * 1000
  )
}
