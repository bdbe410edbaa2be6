import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { sessionArguments } from '../src/adapters/claude-code/command-line.ts'
import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

const prompt = 'Add a line to README.md'
const script = `default:
  - end: "Nothing to do."
`

/** How much longer the first request of orch's session is than that of the same session without orch: instructions, words round the prompt, rules. */
export async function measureRequestSize(runs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const version of ['newest', 'oldest'] as const) figures.push(...(await measureVersion(version, runs)))
  return figures
}

async function measureVersion(version: 'newest' | 'oldest', runs: number): Promise<readonly Figure[]> {
  const scene = await Scene.begin({ script, claude: version, files: { 'orch.yaml': 'validate: npm test\nnudge-after: 1h\n' } })
  try {
    const { stdout } = await scene.time(scene.claude, ['--version'])
    const name = /^\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? version
    const samples: { sameFlags: number; plain: number }[] = []
    for (let run = 0; run < runs; run++) {
      const withOrch = await orchBytes(scene, `a${run}`)
      // Names of equal length, so that paths and branches in the request are equally long.
      samples.push({
        sameFlags: withOrch - (await bareBytes(scene, `b${run}`, flagsThatShrink())),
        plain: withOrch - (await bareBytes(scene, `c${run}`, [])),
      })
    }
    return [
      {
        id: `bytes-${version}`,
        what: `bytes that orch adds to the first request, ${name}`,
        unit: 'bytes',
        goal: 4096,
        samples: samples.map(({ sameFlags }) => sameFlags),
        note: `against claude -p ${flagsThatShrink().join(' ')}`,
      },
      {
        id: `bytes-${version}-plain`,
        what: `the same against plain claude -p, ${name}`,
        unit: 'bytes',
        samples: samples.map(({ plain }) => plain),
      },
    ]
  } finally {
    await scene.end()
  }
}

async function orchBytes(scene: Scene, name: string): Promise<number> {
  const request = scene.nextRequest()
  await scene.orch('spawn', name, prompt)
  const { body } = await request
  await scene.orch('stop', name)
  return Buffer.byteLength(body)
}

async function bareBytes(scene: Scene, name: string, flags: readonly string[]): Promise<number> {
  const worktree = `${scene.repository}-wt-${name}`
  await scene.git('worktree', 'add', '-q', '-b', `feature/${name}`, worktree)
  const request = scene.nextRequest()
  const claude = spawn(scene.claude, ['-p', prompt, ...flags], { cwd: worktree, env: scene.environment, stdio: 'ignore' })
  const ended = new Promise((settle) => claude.once('exit', settle))
  const { body } = await request
  await ended
  return Buffer.byteLength(body)
}

/** Of the arguments that orch starts a session with, those that only make its requests smaller. */
function flagsThatShrink(): readonly string[] {
  const [worktree, folder] = [join('/', 'tmp', 'worktree'), join('/', 'tmp', 'session')]
  const spec = {
    folder,
    conversationId: '00000000-0000-5000-a000-000000000000',
    begin: 'new' as const,
    handle: 'repo.a',
    worktree,
    branchRef: 'refs/heads/a',
    protectedPaths: [],
    environment: {},
    instructions: '',
    permissions: { allow: [], ask: [], deny: [] },
  }
  const all = sessionArguments(spec, join(folder, 'settings.json'))
  return all.filter((argument) => argument.startsWith('--tools=') || argument === '--exclude-dynamic-system-prompt-sections')
}
