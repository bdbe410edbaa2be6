import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { ownVersion } from '../../src/config/version.ts'
import { type FakeDaemon, startFakeDaemon } from '../../test/support/cli/fake-daemon.ts'
import { taskStatus } from '../../test/support/cli/task-status.ts'
import { furnishHome, makeFolder, removeFolder } from '../../test/support/temporary.ts'
import type { Figure } from '../figure.ts'
import { cpuShare } from '../idle-fleet.ts'
import { Terminal } from './terminal.ts'

const sessions = 50
const keys = 100
/** Each session changes its status so often. */
const changeMs = 500
const orchProgram = resolve(import.meta.dirname, '../../bin/orch')

/** `orch ui` in a real terminal with 50 sessions, over a daemon that plays them: its first frame, its idle time, and from a key to what it draws. */
export async function measureUi(runs: number): Promise<readonly Figure[]> {
  const home = furnishHome(makeFolder('orch-bench-ui-'))
  const cwd = join(home.home, 'work')
  mkdirSync(cwd)
  const tasks = Array.from({ length: sessions }, (_, index) => sessionStatus(index))
  for (const status of tasks) writeStatus(home.orchHome, status)
  const daemon = await startFakeDaemon(home.orchHome, ownVersion())
  daemon.tasks = tasks
  sayMore(daemon, 0)
  const open = (argv: readonly string[]): Terminal => new Terminal(argv, cwd, { ...home.environment, TERM: 'xterm-256color' })
  try {
    const first: { frame: number; node: number }[] = []
    for (let run = -1; run < runs; run++) {
      const sample = { node: await timeNode(open), frame: await timeFirstFrame(open) }
      if (run >= 0) first.push(sample)
    }
    const ui = open([process.execPath, orchProgram, 'ui'])
    await ui.drawn('working', 0)
    await pass(3_000)
    const idle: number[] = []
    for (let run = 0; run < Math.min(runs, 3); run++) idle.push(await cpuShare(ui.pid))
    const { times, busy } = await timeKeys(ui, daemon, tasks)
    ui.press('q')
    await ui.ended
    return [
      {
        id: 'ui-first-frame',
        what: `orch ui, ${sessions} sessions: first frame, over node -e 0`,
        unit: 'ms',
        goal: 300,
        samples: first.map(({ frame, node }) => frame - node),
      },
      { id: 'ui-idle-cpu', what: `orch ui, ${sessions} idle sessions: processor time`, unit: '%', goal: 0.5, samples: idle },
      {
        id: 'ui-key-p95',
        what: `orch ui, ${sessions} busy sessions: key to frame, 95th percentile of ${keys}`,
        unit: 'ms',
        goal: 50,
        samples: [times.toSorted((a, b) => a - b)[Math.floor(keys * 0.95)] ?? Number.NaN],
      },
      { id: 'ui-busy-cpu', what: `orch ui, ${sessions} busy sessions: processor time`, unit: '%', samples: [busy] },
    ]
  } finally {
    await daemon.close()
    removeFolder(home.home)
  }
}

/** As old as sessions are that a person comes back to. */
function sessionStatus(index: number): TaskStatus {
  const since = new Date(Date.now() - (index + 2) * 61_000).toISOString()
  return taskStatus(`task-${index + 1}`, { since, seenAt: since, createdAt: since, reason: 'Bash: npm test' })
}

function writeStatus(orchHome: string, status: TaskStatus): void {
  const folder = join(orchHome, 'sessions', status.handle)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'status.json'), JSON.stringify(status))
}

async function timeNode(open: (argv: readonly string[]) => Terminal): Promise<number> {
  const startedAt = performance.now()
  await open([process.execPath, '-e', '0']).ended
  return performance.now() - startedAt
}

async function timeFirstFrame(open: (argv: readonly string[]) => Terminal): Promise<number> {
  const startedAt = performance.now()
  const ui = open([process.execPath, orchProgram, 'ui'])
  const at = await ui.drawn('working', 0)
  await ui.drawn('what it has said 0', 0)
  ui.press('q')
  await ui.ended
  return at - startedAt
}

function sayMore(daemon: FakeDaemon, count: number): void {
  const line = { at: new Date().toISOString(), kind: 'text', text: `This is what it has said ${count}, ${'and more '.repeat(30)}` }
  daemon.answers.set('/v1/tasks/log', { status: 200, body: { lines: [line], record: '1.1', next: count + 1, hasMore: false } })
}

/** Down and up between two tasks while all change. */
async function timeKeys(ui: Terminal, daemon: FakeDaemon, tasks: readonly TaskStatus[]): Promise<{ times: number[]; busy: number }> {
  let count = 0
  const change = setInterval(() => {
    const task = tasks[count++ % tasks.length]
    if (task === undefined) return
    sayMore(daemon, count)
    daemon.tell('task', { ...task, reason: `Bash: npm test ${count}`, costUsd: count / 100 })
  }, changeMs / sessions)
  try {
    const times: number[] = []
    for (let key = 0; key < keys; key++) {
      const [press, words] = key % 2 === 0 ? ['2', '▸2'] : ['1', '▸1']
      // So that keys fall on every moment between two frames.
      await pass(20 + ((key * 7) % 53))
      const startedAt = performance.now()
      const drawn = ui.drawn(words)
      ui.press(press)
      times.push((await drawn) - startedAt)
    }
    return { times, busy: await cpuShare(ui.pid) }
  } finally {
    clearInterval(change)
  }
}
