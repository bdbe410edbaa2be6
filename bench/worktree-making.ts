import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemGit } from '../src/adapters/git/repository.ts'
import type { Sha } from '../src/foundation/brand.ts'
import type { Repository } from '../src/ports/git.ts'
import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

const FILES = 20_000

/** A worktree of 20,000 files from the pool, beside the `git worktree add` that a person would type and an empty pool, in turns. */
export async function measureWorktreeMaking(runs: number): Promise<readonly Figure[]> {
  const scene = await Scene.begin({ script: 'sessions: []\n', files: sources(FILES) })
  try {
    const repository = await systemGit.open(scene.repository)
    await repository.installGuard()
    const made = await shaOf(scene, 'main')
    writeFileSync(join(scene.repository, 'README.md'), 'Later\n')
    await scene.git('commit', '--quiet', '--all', '--message', 'Later')
    const commits = { made, base: await shaOf(scene, 'main') }
    const samples: Sample[] = []
    for (let run = 0; run < runs; run++) samples.push(await measureOnce(scene, repository, commits))
    return toFigures(samples)
  } finally {
    await scene.end()
  }
}

async function shaOf(scene: Scene, rev: string): Promise<Sha> {
  return (await scene.git('rev-parse', rev)) as Sha
}

interface Sample {
  readonly plainMs: number
  readonly emptyMs: number
  readonly pooledMs: number
}

function sources(count: number): Record<string, string> {
  const path = (at: number): string => `src/p${at % 20}/m${Math.floor(at / 50)}/f${at}.ts`
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [path(at), `export const v${at} = ${at}\n`.repeat(20 + (at % 80))]))
}

/** The tree is at the commit before, as it is when something has landed since it was made. */
async function measureOnce(scene: Scene, repository: Repository, { made, base }: { made: Sha; base: Sha }): Promise<Sample> {
  const plainMs = await timed(scene, (path, branch) => scene.git('worktree', 'add', '--quiet', '-b', branch, path))
  const ensure = (path: string, branch: string): Promise<unknown> => repository.ensureWorktree({ path, branch, base, copy: [], files: {} })
  const emptyMs = await timed(scene, ensure)
  await repository.tendPool({ size: 1, commit: made, minimumFiles: 1 })
  return { plainMs, emptyMs, pooledMs: await timed(scene, ensure) }
}

async function timed(scene: Scene, make: (path: string, branch: string) => Promise<unknown>): Promise<number> {
  const path = join(scene.home, 'wt')
  const startedAt = performance.now()
  await make(path, 'measured')
  const ms = performance.now() - startedAt
  if ((await scene.git('-C', path, 'status', '--porcelain')) !== '') throw new Error('the worktree is not clean')
  rmSync(path, { recursive: true })
  await scene.git('worktree', 'prune')
  await scene.git('branch', '--quiet', '-D', 'measured')
  return ms
}

function toFigures(samples: readonly Sample[]): readonly Figure[] {
  const own = (pick: (sample: Sample) => number): readonly number[] => samples.map(pick)
  const files = `${FILES.toLocaleString('en')} files`
  return [
    { id: 'worktree-plain', what: `git worktree add, ${files}`, unit: 'ms', samples: own(({ plainMs }) => plainMs) },
    { id: 'worktree-empty-pool', what: `orch's worktree, ${files}, empty pool`, unit: 'ms', samples: own(({ emptyMs }) => emptyMs) },
    {
      id: 'worktree-pool',
      what: `orch's worktree, ${files}, from the pool`,
      unit: 'ms',
      goal: 300,
      samples: own(({ pooledMs }) => pooledMs),
    },
    {
      id: 'worktree-pool-ratio',
      what: 'from the pool / git worktree add',
      unit: '×',
      samples: own(({ plainMs, pooledMs }) => pooledMs / plainMs),
    },
  ]
}
