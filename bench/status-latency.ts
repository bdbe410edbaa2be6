import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { taskStatus } from '../test/support/cli/task-status.ts'
import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

/** `orch status --json` from the files of 50 and of 500 sessions, each run beside a `node -e 0`. */
export async function measureStatus(runs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const sessions of [50, 500]) figures.push(...(await measureWith(sessions, runs)))
  return figures
}

async function measureWith(sessions: number, runs: number): Promise<readonly Figure[]> {
  const scene = await Scene.begin({ script: 'sessions: []\n' })
  try {
    writeStatuses(scene, sessions)
    const samples: { node: number; status: number }[] = []
    for (let run = -1; run < runs; run++) {
      const { ms: node } = await scene.time(process.execPath, ['-e', '0'])
      const { ms: status, stdout } = await scene.orch('status', '--json')
      if ((JSON.parse(stdout) as { tasks: unknown[] }).tasks.length !== sessions) throw new Error('orch status does not show all sessions')
      if (run >= 0) samples.push({ node, status }) // the first one warms the disk's cache
    }
    return [
      {
        id: `status-${sessions}`,
        what: `orch status --json, ${sessions} sessions`,
        unit: 'ms',
        samples: samples.map(({ status }) => status),
      },
      {
        id: `status-${sessions}-ratio`,
        what: `orch status --json, ${sessions} sessions / node -e 0`,
        unit: '×',
        ...(sessions === 50 && { goal: 2.5 }),
        samples: samples.map(({ status, node }) => status / node),
      },
    ]
  } finally {
    await scene.end()
  }
}

function writeStatuses(scene: Scene, sessions: number): void {
  for (let index = 0; index < sessions; index++) {
    const task = `task-${index}`
    const status = taskStatus(task, { repository: scene.repository, worktree: `${scene.repository}-wt-${task}` })
    const folder = join(scene.orchHome, 'sessions', status.handle)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'status.json'), `${JSON.stringify(status, undefined, 2)}\n`)
  }
}
