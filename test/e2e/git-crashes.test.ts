import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { systemGit } from '../../src/adapters/git/repository.ts'
import type { LandRequest, WorktreeRequest } from '../../src/ports/git.ts'
import { callGit } from '../support/fleet/git-call.ts'
import { makeRepository, type TestRepository } from '../support/repository.ts'

const made: TestRepository[] = []
afterEach(() => {
  for (const on of made.splice(0)) on.remove()
})

function begin(): TestRepository {
  const on = makeRepository({ files: { 'changed.txt': 'old\n', 'gone/x.txt': 'x\n', 'kept.txt': 'kept\n' } })
  made.push(on)
  return on
}

/** All points of one kind of kill, two at a time; ends with the first point that the call does not reach. */
async function atEveryPoint(step: number, story: (at: number) => Promise<boolean>): Promise<number> {
  let killed = 0
  for (let at = 1; ; at += 2 * step) {
    const reached = await Promise.all([story(at), story(at + step)])
    killed += reached.filter(Boolean).length
    if (!reached.every(Boolean)) return killed
  }
}

it('completes a landing that was killed before any change of the disk or start of git', async () => {
  const points = await atEveryPoint(1, async (at) => {
    const { on, land } = beginLanding()
    const ended = await callGit({ root: on.root, parallel: 1, calls: [{ land }], kill: { at, how: 'before', delayMs: 0 } })
    await expectLanded(on, land, at)
    return ended === undefined
  })
  expect(points).toBeGreaterThan(20)
}, 240_000)

it('completes a worktree whose making was killed before any change of the disk or start of git', async () => {
  const points = await atEveryPoint(1, async (at) => {
    const { on, ensure } = beginWorktree()
    const ended = await callGit({ root: on.root, parallel: 1, calls: [{ ensure }], kill: { at, how: 'before', delayMs: 0 } })
    await expectWorktree(on, ensure, at)
    return ended === undefined
  })
  expect(points).toBeGreaterThan(20)
}, 240_000)

it('completes a worktree from the pool that was killed before any change of the disk or start of git', async () => {
  const points = await atEveryPoint(1, async (at) => {
    const { on, ensure } = await beginPooled()
    const ended = await callGit({ root: on.root, parallel: 1, calls: [{ ensure }], kill: { at, how: 'before', delayMs: 0 } })
    await expectWorktree(on, ensure, at)
    expectNoLeftovers(on, at)
    return ended === undefined
  })
  expect(points).toBeGreaterThan(30)
}, 240_000)

it('completes the tending of a pool that was killed before any change of the disk or start of git', async () => {
  const points = await atEveryPoint(1, async (at) => {
    const { on, ensure } = await beginPooled(2)
    const [outdated = ''] = readdirSync(poolOf(on))
    writeFileSync(join(poolOf(on), outdated, 'made'), 'under other settings')
    const tend = { size: 2, commit: ensure.base, minimumFiles: 1 }
    const ended = await callGit({ root: on.root, parallel: 1, calls: [{ tend }], kill: { at, how: 'before', delayMs: 0 } })
    await (await systemGit.open(on.root)).tendPool(tend)
    const names = readdirSync(poolOf(on))
    expect([names.length, names.filter((name) => !UUID.test(name) || name === outdated)], `after point ${at}`).toEqual([2, []])
    return ended === undefined
  })
  expect(points).toBeGreaterThan(15)
}, 240_000)

it.each(['after', 'with'] as const)(
  'completes all of them when the kill comes in the middle of a git command (%s)',
  async (how) => {
    for (const [at, delayMs] of [
      [9, 1],
      [12, 0],
      [14, 3],
      [16, 2],
      [18, 4],
      [20, 1],
      [22, 6],
      [24, 2],
    ] as const) {
      const [worktree, landing, pooled] = [beginWorktree(), beginLanding(), await beginPooled()]
      await Promise.all([
        callGit({ root: worktree.on.root, parallel: 1, calls: [{ ensure: worktree.ensure }], kill: { at, how, delayMs } }),
        callGit({ root: landing.on.root, parallel: 1, calls: [{ land: landing.land }], kill: { at, how, delayMs } }),
        callGit({ root: pooled.on.root, parallel: 1, calls: [{ ensure: pooled.ensure }], kill: { at, how, delayMs } }),
      ])
      await expectWorktree(worktree.on, worktree.ensure, at)
      await expectLanded(landing.on, landing.land, at)
      await expectWorktree(pooled.on, pooled.ensure, at)
      expectNoLeftovers(pooled.on, at)
    }
  },
  240_000,
)

function beginLanding(): { on: TestRepository; land: LandRequest } {
  const on = begin()
  const expected = on.sha('main')
  on.git('switch', '--quiet', '--create', 'work')
  on.git('rm', '--quiet', '-r', 'gone')
  const candidate = on.commit('Work', { 'changed.txt': 'new\n', 'new/n.txt': 'n\n' })
  on.git('switch', '--quiet', 'main')
  on.write('untracked.txt', 'mine')
  return { on, land: { target: 'main', expected, candidate, allowDirty: [] } }
}

async function expectLanded(on: TestRepository, land: LandRequest, at: number): Promise<void> {
  const repository = await systemGit.open(on.root)
  expect(await repository.land(land), `after point ${at}`).toEqual({ kind: 'landed', commit: land.candidate })
  expect(on.sha('main')).toBe(land.candidate)
  expect(on.git('status', '--porcelain'), `after point ${at}`).toBe('?? untracked.txt')
  for (const left of ['index.lock', 'orch-landing'])
    expect(existsSync(join(on.root, '.git', left)), `${left} after point ${at}`).toBe(false)
}

function beginWorktree(): { on: TestRepository; ensure: WorktreeRequest } {
  const on = begin()
  on.write('.env', 'SECRET=1\n')
  return {
    on,
    ensure: { path: join(on.folder, 'wt'), branch: 'feature/one', base: on.sha('main'), copy: ['.env'], files: { 'TASK.md': 'task' } },
  }
}

/** Trees at a commit before the worktree's, so that it has to be brought there. */
async function beginPooled(size = 1): Promise<{ on: TestRepository; ensure: WorktreeRequest }> {
  const { on, ensure } = beginWorktree()
  const repository = await systemGit.open(on.root)
  await repository.installGuard()
  on.git('rm', '--quiet', '-r', 'gone')
  const base = on.commit('Work', { 'kept.txt': 'new\n', 'new/n.txt': 'n\n' })
  await repository.tendPool({ size, commit: on.sha('main~1'), minimumFiles: 1 })
  return { on, ensure: { ...ensure, base } }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

function poolOf(on: TestRepository): string {
  return join(on.root, '.git/orch/pool')
}

function expectNoLeftovers(on: TestRepository, at: number): void {
  const entries = readdirSync(join(on.root, '.git/worktrees'))
  expect(entries, `after point ${at}`).toHaveLength(1)
  expect(readdirSync(join(on.root, '.git/worktrees', entries[0] ?? '')), `after point ${at}`).not.toContain('orch-tree')
  expect(
    readdirSync(poolOf(on)).filter((name) => !UUID.test(name)),
    `after point ${at}`,
  ).toEqual([])
}

async function expectWorktree(on: TestRepository, ensure: WorktreeRequest, at: number): Promise<void> {
  const repository = await systemGit.open(on.root)
  const ensured = await repository.ensureWorktree(ensure)
  expect(ensured.head, `after point ${at}`).toBe(ensure.base)
  expect(on.gitIn(ensured.path, 'status', '--porcelain'), `after point ${at}`).toBe('')
  for (const [name, text] of [
    ['.env', 'SECRET=1\n'],
    ['TASK.md', 'task'],
    ['changed.txt', 'old\n'],
  ] as const)
    expect(readFileSync(join(ensured.path, name), 'utf8'), `${name} after point ${at}`).toBe(text)
  expect(on.git('worktree', 'list').split('\n'), `after point ${at}`).toHaveLength(2)
  expect(on.git('worktree', 'list', '--porcelain')).not.toContain('locked')
}
