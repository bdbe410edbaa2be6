import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { until } from '../test/support/eventually.ts'
import { findLeftovers } from '../test/support/leftovers.ts'
import { median, type Figure } from './figure.ts'
import { Scene } from './scene.ts'

const prompt = 'Add a line to README.md'
const script = `default:
  - end: "Nothing to do."
`

/**
 * `orch spawn` against nothing at all (`node -e 0`), and its session's first request against the bare `git worktree add` and `claude -p` that a
 * person would type. Every run holds all three, in turns, so that a slow moment of the machine falls on both sides.
 */
export async function measureSpawn(runs: number): Promise<readonly Figure[]> {
  const scene = await Scene.begin({ script, files: { 'orch.yaml': 'validate: "true"\nnudge-after: 1h\n' } })
  try {
    await scene.orch('daemon', 'start')
    await bareStart(scene, 'warm')
    await orchStart(scene, 'warm')
    const samples: Sample[] = []
    for (let run = 0; run < runs; run++) samples.push(await measureOnce(scene, run))
    return toFigures(samples)
  } finally {
    await scene.end()
  }
}

interface Sample {
  readonly nodeMs: number
  readonly bareMs: number
  readonly returnedMs: number
  readonly requestMs: number
}

async function measureOnce(scene: Scene, run: number): Promise<Sample> {
  const { ms: nodeMs } = await scene.time(process.execPath, ['-e', '0'])
  if (run % 2 === 0) {
    const bareMs = await bareStart(scene, String(run))
    return { nodeMs, bareMs, ...(await orchStart(scene, String(run))) }
  }
  const started = await orchStart(scene, String(run))
  return { nodeMs, bareMs: await bareStart(scene, String(run)), ...started }
}

async function bareStart(scene: Scene, name: string): Promise<number> {
  const worktree = join(scene.home, `bare-${name}`)
  const request = scene.nextRequest()
  const startedAt = performance.now()
  await scene.git('worktree', 'add', '-q', '-b', `bare-${name}`, worktree)
  const claude = spawn(scene.claude, ['-p', prompt], { cwd: worktree, env: scene.environment, stdio: 'ignore' })
  const ended = new Promise((settle) => claude.once('exit', settle))
  const { at } = await request
  await ended
  return at - startedAt
}

async function orchStart(scene: Scene, name: string): Promise<{ returnedMs: number; requestMs: number }> {
  const request = scene.nextRequest()
  const startedAt = performance.now()
  const { ms } = await scene.orch('spawn', `bench-${name}`, prompt)
  const { at } = await request
  await scene.orch('stop', `bench-${name}`)
  await untilAlone(scene)
  return { returnedMs: ms, requestMs: at - startedAt }
}

/** The next run must not share the machine with this one's session. */
async function untilAlone(scene: Scene): Promise<void> {
  await until(() => findLeftovers(scene.home).every(({ pid }) => pid === scene.daemonPid), {
    what: 'the session has ended',
    deadlineMs: 20_000,
  })
}

function toFigures(samples: readonly Sample[]): readonly Figure[] {
  const own = (pick: (sample: Sample) => number): readonly number[] => samples.map(pick)
  return [
    { id: 'node-start', what: 'node -e 0', unit: 'ms', samples: own(({ nodeMs }) => nodeMs) },
    { id: 'spawn-return', what: 'orch spawn returns, warm daemon', unit: 'ms', goal: 150, samples: own(({ returnedMs }) => returnedMs) },
    {
      id: 'spawn-return-ratio',
      what: 'orch spawn returns / node -e 0',
      unit: '×',
      samples: own(({ returnedMs, nodeMs }) => returnedMs / nodeMs),
    },
    { id: 'bare-request', what: 'git worktree add + claude -p → first request', unit: 'ms', samples: own(({ bareMs }) => bareMs) },
    { id: 'spawn-request', what: 'orch spawn → first request', unit: 'ms', samples: own(({ requestMs }) => requestMs) },
    {
      id: 'spawn-request-extra',
      what: 'orch spawn → first request, above the bare one',
      unit: 'ms',
      goal: 100,
      samples: own(({ requestMs, bareMs }) => requestMs - bareMs),
      note: `difference of the medians: ${Math.round(median(own(({ requestMs }) => requestMs)) - median(own(({ bareMs }) => bareMs)))} ms`,
    },
  ]
}
