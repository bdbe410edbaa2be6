import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Random } from '../../../../test/support/fleet/random.ts'
import { fingerprint, mergeFully } from '../../../../test/support/radar/full-merges.ts'
import { smallTree, workAtRandom } from '../../../../test/support/radar/random-work.ts'
import { makeRepository, type TestRepository } from '../../../../test/support/repository.ts'
import type { OpenRadar, PairOverlap, SnapshotRequest } from '../../../ports/radar.ts'
import { gitRadar } from './radar.ts'

const toClose: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close()
})

/** `RADAR_SEEDS=9,10` tries others. */
const seeds = (process.env['RADAR_SEEDS'] ?? '3,6,7').split(',').map(Number)

test.each(seeds)('finds what merging every pair in full finds, and touches nothing (work of seed %i)', async (seed) => {
  const { repository, worktrees } = scene(6, smallTree())
  const random = new Random(seed)
  for (const { path } of worktrees) {
    workAtRandom(path, random, random.between(1, 7))
    // Worktrees fork at different commits of the target, which goes on.
    if (random.between(0, 3) === 0) continue
    workAtRandom(repository.root, random, 2)
    repository.commit('The target goes on')
    if (random.between(0, 2) === 0) repository.gitIn(path, 'stash', '--include-untracked')
  }
  const radar = await openRadar(repository)
  const before = fingerprint(repository.folder)
  const found = await sweep(radar, repository, worktrees)
  expect(fingerprint(repository.folder)).toBe(before)
  expect(found).toEqual(mergeFully(worktrees, repository.sha('main')).conflicts)

  // And of later work, when it has seen the earlier.
  for (const { path } of worktrees.slice(0, 3)) workAtRandom(path, random, 3)
  const again = await sweep(radar, repository, worktrees)
  expect(again).toEqual(mergeFully(worktrees, repository.sha('main')).conflicts)
})

interface Worktree {
  readonly name: string
  readonly path: string
}

function scene(count: number, files: Record<string, string>): { repository: TestRepository; worktrees: readonly Worktree[] } {
  const repository = makeRepository({ files })
  toClose.push(() => repository.remove())
  repository.git('config', 'user.name', 'a')
  repository.git('config', 'user.email', 'a@b')
  const worktrees = Array.from({ length: count }, (_, at) => ({ name: `w${at}`, path: join(repository.folder, `w${at}`) }))
  for (const { name, path } of worktrees) repository.git('worktree', 'add', '--quiet', '-b', name, path)
  return { repository, worktrees }
}

async function openRadar(repository: TestRepository): Promise<OpenRadar> {
  const radar = await gitRadar.open(repository.root, (error) => expect.unreachable(String(error)))
  toClose.push(() => radar.close())
  return radar
}

/** As `mergeFully` says it. */
async function sweep(
  radar: OpenRadar,
  repository: TestRepository,
  worktrees: readonly Worktree[],
  changed: SnapshotRequest['changed'] = 'unknown',
): Promise<string[]> {
  const snapshots = await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed })))
  const target = { name: 'main', commit: repository.sha('main') }
  return render(await radar.overlaps(snapshots.map(({ path, commit }) => ({ path, commit, target }))))
}

function render(overlaps: readonly PairOverlap[]): string[] {
  const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  return overlaps
    .map(({ one, other, files }) => {
      const second = other.kind === 'target' ? 'target' : name(other.path)
      const paths = files.map(({ path }) => path).sort()
      return `${name(one)} + ${second}: ${paths.join(', ')}`
    })
    .toSorted()
}
