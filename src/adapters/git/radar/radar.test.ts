import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Random } from '../../../../test/support/fleet/random.ts'
import { until } from '../../../../test/support/eventually.ts'
import { fingerprint, mergeFully } from '../../../../test/support/radar/full-merges.ts'
import { smallTree, workAtRandom } from '../../../../test/support/radar/random-work.ts'
import { makeRepository, type TestRepository } from '../../../../test/support/repository.ts'
import { writeTree } from '../../../../test/support/temporary.ts'
import type { OpenRadar, PairOverlap, SnapshotRequest } from '../../../ports/radar.ts'
import { SCRATCH_ROOTS } from '../scratch.ts'
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

test('names of every kind, told by tools and watchers: ignored ones, those of git and those outside are left out', async () => {
  const { repository, worktrees } = scene(2, { ...smallTree(), '.gitignore': '/some.log\n', 'kept.log': 'tracked\n' })
  // Ignored from now on, but tracked.
  repository.git('config', 'core.excludesFile', join(repository.folder, 'excludes'))
  writeTree(repository.folder, { excludes: 'kept.log\n' })
  const names = ['new\nline', '"quoted"', '-dash', 'näher/ü ö', 'tab\t', 'back\\slash', '\u001b[31mred', 'a b', 'kept.log']
  const radar = await openRadar(repository)
  await sweep(radar, repository, worktrees)
  for (const { name, path } of worktrees) {
    for (const file of names) writeTree(path, { [file]: `by ${name}\n` })
    writeTree(path, { 'some.log': name, 'TASK.md': name, '.orch/inbox/1': name })
  }
  writeTree(repository.folder, { outside: 'x' })
  const odd = [
    'some.log',
    'TASK.md',
    '.orch/inbox/1',
    '.git',
    '.git/config',
    '../outside',
    '/etc/passwd',
    'a//b',
    './a',
    '',
    'no\0thing',
    'gone',
  ]
  const [one] = await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed: [...names, ...odd] })))
  expect(one?.uncommitted.toSorted()).toEqual(names.toSorted())
  expect(await overlapsNow(radar, repository, worktrees)).toEqual([`w0 + w1: ${names.toSorted().join(', ')}`])
})

test('a commit, a reset and a checkout are seen by themselves; so is a folder that a tool made', async () => {
  const { repository, worktrees } = scene(2, smallTree())
  const [one, other] = worktrees
  if (one === undefined || other === undefined) throw new Error('no worktrees')
  const radar = await openRadar(repository)
  const expectRight = async (changed: readonly string[]): Promise<void> => {
    await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed })))
    expect(await overlapsNow(radar, repository, worktrees)).toEqual(mergeFully(worktrees, repository.sha('main')).conflicts)
  }
  writeTree(other.path, { 'src/a.ts': 'other\n' })
  await sweep(radar, repository, worktrees)
  repository.commitIn(one.path, 'Edit', { 'src/a.ts': 'one\n' })
  await expectRight([])
  repository.gitIn(one.path, 'reset', '--quiet', '--soft', 'HEAD~1')
  await expectRight([])
  repository.gitIn(one.path, 'reset', '--quiet', '--hard')
  await expectRight([])
  for (const { name, path } of worktrees) writeTree(path, { 'made/by/hand.ts': name })
  await expectRight(['made'])
  writeTree(one.path, { '.gitignore': '*\n' })
  await expectRight(['.gitignore'])
})

test('a merge that git itself fails to do is a conflict of these two alone, and so is one of no file', async () => {
  const files = ['a', 'b', 'sub/c'].map((name) => [`d/${name}.txt`, `${name}\n1\n2\n3\n`])
  const { repository, worktrees } = scene(5, { ...smallTree(), ...Object.fromEntries(files) })
  const [fileForFolder = '', moved = '', split = '', added = '', plain = ''] = worktrees.map(({ path }) => path)
  // Git 2.39 ends in a failed assertion when these two meet.
  repository.gitIn(moved, 'mv', 'd', 'moved')
  writeTree(moved, { 'src/a.ts': 'moved\n' })
  rmSync(join(fileForFolder, 'd/sub'), { recursive: true })
  writeTree(fileForFolder, { 'd/sub': 'c\n1\n2\n3\n', 'src/a.ts': 'file\n' })
  // Not clear which of the new folders a new file goes to.
  for (const folder of ['x', 'y']) mkdirSync(join(split, folder))
  repository.gitIn(split, 'mv', 'lib/a.ts', 'x')
  repository.gitIn(split, 'mv', 'lib/b.ts', 'y')
  repository.gitIn(split, 'rm', '--quiet', 'lib/c.ts')
  writeTree(added, { 'lib/new.ts': 'new\n' })
  writeTree(plain, { 'src/a.ts': 'plain\n' })
  const found = await sweep(await openRadar(repository), repository, worktrees)
  expect(found).toEqual([expect.stringMatching(/^w0 \+ w1: .*src\/a\.ts/), 'w0 + w4: src/a.ts', 'w1 + w4: src/a.ts', 'w2 + w3: lib'])
})

test('line ends that git converts are no change', async () => {
  const { repository, worktrees } = scene(2, { ...smallTree(), '.gitattributes': '* text=auto\n' })
  for (const { path, name } of worktrees)
    writeTree(path, { 'src/a.ts': repository.git('show', `main:src/a.ts`).replaceAll('\n', '\r\n') + '\r\n', [`${name}.txt`]: 'x\r\n' })
  const radar = await openRadar(repository)
  const snapshots = await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed: ['src/a.ts'] })))
  expect(snapshots.map(({ uncommitted }) => uncommitted)).toEqual([[], []])
  expect(await sweep(radar, repository, worktrees)).toEqual(mergeFully(worktrees, repository.sha('main')).conflicts)
})

test('what a hostile session plants is not run, not waited for and not followed', async () => {
  const { repository, worktrees } = scene(3, smallTree())
  const [evil, victim, plain] = worktrees
  if (evil === undefined || victim === undefined || plain === undefined) throw new Error('no worktrees')
  const trap = join(repository.folder, 'trap')
  const trace = join(repository.folder, 'PWNED')
  writeFileSync(trap, `#!/bin/sh\necho x >> '${trace}'\ncat\n`, { mode: 0o755 })
  for (const name of [
    'core.fsmonitor',
    'filter.trap.clean',
    'filter.trap.smudge',
    'filter.trap.process',
    'diff.trap.command',
    'merge.trap.driver',
    'core.hooksPath',
  ])
    repository.git('config', name, trap)
  writeTree(evil.path, { '.gitattributes': '* filter=trap diff=trap merge=trap\n', 'src/a.ts': 'evil\n', 'inner/file.ts': 'nested\n' })
  writeTree(plain.path, { 'src/a.ts': 'plain\n' })
  execFileSync('git', ['init', '-q', join(evil.path, 'inner')])
  execFileSync('mkfifo', [join(evil.path, 'pipe'), join(evil.path, 'src/pipe')])
  rmSync(join(evil.path, 'lib'), { recursive: true })
  symlinkSync(join(victim.path, 'lib'), join(evil.path, 'lib'))
  // Looks like 3 GB, takes nothing.
  writeFileSync(join(evil.path, 'huge'), 'x')
  truncateSync(join(evil.path, 'huge'), 3_000_000_000)
  const radar = await openRadar(repository)
  const before = fingerprint(victim.path) + fingerprint(join(repository.root, '.git'))
  const target = { name: 'main', commit: repository.sha('main') }
  for (const changed of ['unknown', ['pipe', 'src/pipe', 'inner/file.ts', 'huge', 'src/a.ts', 'lib/a.ts']] as const) {
    const snapshots = await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed })))
    const seen = snapshots.find(({ path }) => path === evil.path)?.uncommitted
    expect(seen?.toSorted()).toEqual(['.gitattributes', 'huge', 'lib', 'lib/a.ts', 'lib/b.ts', 'lib/c.ts', 'src/a.ts'])
    const found = await radar.overlaps(snapshots.map(({ path, commit }) => ({ path, commit, target })))
    expect(render(found)).toEqual(['w0 + w2: src/a.ts'])
    expect(found[0]?.files[0]?.hunks[0]).toMatchObject({ one: 'evil', other: 'plain' })
  }
  expect(existsSync(trace)).toBe(false)
  expect(fingerprint(victim.path) + fingerprint(join(repository.root, '.git'))).toBe(before)
})

test('a pipe in place of a file that git reads makes it wait, and nobody else for longer than it is open', async () => {
  const { repository, worktrees } = scene(2, { 'src/a.ts': 'one\n' })
  execFileSync('mkfifo', [join(worktrees[0]?.path ?? '', '.gitignore')])
  const radar = await gitRadar.open(repository.root, (error) => expect.unreachable(String(error)))
  const before = scratches().length
  const looking = radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed: 'unknown' })))
  looking.catch(() => undefined)
  // Its own and one for the look at the hostile worktree.
  await until(() => scratches().length === before + 2, { what: 'git waits at the pipe', deadlineMs: 10_000 })
  await radar.close()
  await expect(looking).rejects.toMatchObject({ code: 'radar-closed' })
  await until(() => scratches().length === before, { what: 'nothing is left' })
})

test('thousands of untracked files are not all looked at, and it says so', async () => {
  const { repository, worktrees } = scene(2, smallTree())
  const [full] = worktrees
  for (let at = 0; at < 3100; at++) writeTree(full?.path ?? '', { [`junk/${at}`]: 'x' })
  for (const { name, path } of worktrees) writeTree(path, { 'src/a.ts': `${name}\n` })
  const radar = await openRadar(repository)
  expect(await sweep(radar, repository, worktrees)).toEqual(['w0 + w1: src/a.ts'])
  const snapshots = await radar.snapshotWorktrees(worktrees.map(({ path }) => ({ path, changed: [] })))
  expect(snapshots.map(({ isPartial }) => isPartial)).toEqual([true, false])
})

test('a worktree that is gone has no snapshot, and a scratch that is gone is made again', async () => {
  const { repository, worktrees } = scene(3, smallTree())
  for (const { name, path } of worktrees) writeTree(path, { 'src/a.ts': `${name}\n` })
  const troubles: unknown[] = []
  const radar = await gitRadar.open(repository.root, (error) => troubles.push(error))
  toClose.push(() => radar.close())
  const before = new Set(scratches())
  expect(await sweep(radar, repository, worktrees)).toHaveLength(3)
  for (const name of scratches()) if (!before.has(name)) rmSync(name, { recursive: true })
  rmSync(worktrees[1]?.path ?? '', { recursive: true })
  expect(await sweep(radar, repository, worktrees, ['src/a.ts'])).toEqual(['w0 + w2: src/a.ts'])
  expect(troubles).toHaveLength(1)
  await radar.close()
  expect(scratches().filter((name) => !before.has(name))).toEqual([])
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

async function overlapsNow(radar: OpenRadar, repository: TestRepository, worktrees: readonly Worktree[]): Promise<string[]> {
  return sweep(radar, repository, worktrees, [])
}

function scratches(): string[] {
  return SCRATCH_ROOTS.filter(existsSync).flatMap((root) =>
    readdirSync(root).flatMap((name) => (name.startsWith(`orch-git-${process.pid}-`) ? [join(root, name)] : [])),
  )
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
