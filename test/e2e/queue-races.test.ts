import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { MergeResponse } from '../../src/protocol/responses.ts'
import { until } from '../support/eventually.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { type BranchChanges, QueueScene } from '../support/fleet/queue-scene.ts'

const three: BranchChanges = {
  'agent/1': { 'parts/1.txt': '1\n' },
  'agent/2': { 'parts/2.txt': '2\n' },
  'agent/3': { 'parts/3.txt': '3\n' },
}

fleetTest('fifty people ask for fifty branches at once: all land, one after the other, and none is lost', async ({ fleet }) => {
  const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`agent/${at + 1}`, { [`parts/${at + 1}.txt`]: `${at + 1}\n` }]))
  const scene = await fleet.begin({})
  const on = await QueueScene.begin(scene, 'shared', fifty)
  await scene.startDaemon()
  const told = await Promise.all(on.branches.map((name) => mergeOf(on, [name])))
  expect(told.flatMap(({ entries }) => entries.map(({ branch, outcome }) => `${branch} ${outcome}`))).toEqual(
    on.branches.map((name) => `${name} landed`),
  )
  await on.expectLandedOnce(on.branches)
  await on.expectTested()
  expect(await on.git('status', '--porcelain')).toBe('')
})

fleetTest('four homes land on one target at once: each landing was tested where it landed, and none is lost', async ({ fleet }) => {
  const names = Array.from({ length: 12 }, (_, at) => `agent/${at + 1}`)
  const scene = await fleet.begin({})
  const on = await QueueScene.begin(
    scene,
    'shared',
    Object.fromEntries(names.map((name, at) => [name, { [`parts/${at}.txt`]: `${at}\n` }])),
  )
  const homes = [0, 1, 2, 3].map((at) => ({ ORCH_HOME: join(scene.orch.home, `orch-${at}`) }))
  const told = await Promise.all(homes.map((home, at) => mergeOf(on, names.slice(at * 3, at * 3 + 3), { ...on.environment, ...home })))
  for (const environment of homes) await scene.run(['daemon', 'stop'], { environment })
  expect(told.flatMap(({ entries }) => entries.map(({ branch, outcome }) => `${branch} ${outcome}`))).toEqual(
    names.map((name) => `${name} landed`),
  )
  await on.expectLandedOnce(names)
  await on.expectTested()
})

describe('while a batch is being tested', () => {
  fleetTest('the user commits on the target: the batch is tested again on top of that, and lands', async ({ fleet }) => {
    const { on, told, open } = await beginTesting(await fleet.begin({}))
    writeFileSync(join(on.repository, 'notes.txt'), 'of the user\n')
    await on.git('add', 'notes.txt')
    await on.git('commit', '-qm', 'A note')
    const theirs = await on.git('rev-parse', 'main')
    open()
    expect((await told).entries.map(({ outcome }) => outcome)).toEqual(['landed', 'landed', 'landed'])
    expect((await on.positions())[0]).toBe(theirs)
    await on.expectLandedOnce(on.branches)
    await on.expectTested([theirs])
    expect(await on.git('status', '--porcelain')).toBe('')
  })

  fleetTest('a branch is moved by force: it is void and says so, and the others land', async ({ fleet }) => {
    const { on, told, open } = await beginTesting(await fleet.begin({}))
    const before = await on.git('rev-parse', 'agent/2')
    await on.git('branch', '-f', 'agent/2', await on.git('commit-tree', '-p', 'main', '-m', 'Other work', await on.tree('agent/3')))
    open()
    const { entries } = await told
    expect(entries.map(({ branch, outcome }) => `${branch} ${outcome}`)).toEqual(['agent/1 landed', 'agent/2 void', 'agent/3 landed'])
    expect(entries[1]).toMatchObject({ reason: expect.stringContaining('moved'), next: 'orch merge agent/2' })
    await on.expectLandedOnce(['agent/1', 'agent/3'])
    expect(await on.git('branch', '--contains', before, '--list', 'main')).toBe('')
    await on.expectTested()
  })

  fleetTest('a branch is deleted: it is void, and the others land', async ({ fleet }) => {
    const { on, told, open } = await beginTesting(await fleet.begin({}))
    await on.git('branch', '-D', 'agent/3')
    open()
    const { entries } = await told
    expect(entries.map(({ branch, outcome }) => `${branch} ${outcome}`)).toEqual(['agent/1 landed', 'agent/2 landed', 'agent/3 void'])
    await on.expectLandedOnce(['agent/1', 'agent/2'])
    await on.expectTested()
  })
})

describe('a checkout of the target that is in the way', () => {
  fleetTest('with changes of the user: they are kept, the tested work waits, says so, and lands when they are gone', async ({ fleet }) => {
    const on = await QueueScene.begin(await fleet.begin({}), 'shared', { 'agent/1': { 'README.md': '# Better\n' } })
    const path = join(on.repository, 'README.md')
    writeFileSync(path, '# Mine\n')
    await expectHeld(on, 'README.md')
    await on.git('checkout', '--', 'README.md')
    await expectLandsByItself(on)
  })

  fleetTest('in the middle of a rebase: it waits until that is over', async ({ fleet }) => {
    const on = await QueueScene.begin(await fleet.begin({}), 'shared', {
      'agent/1': { 'parts/1.txt': '1\n' },
      'theirs/1': { 'shared.txt': 'one\ntheirs\nthree\n' },
    })
    writeFileSync(join(on.repository, 'shared.txt'), 'one\nmine\nthree\n')
    await on.git('commit', '-qam', 'Mine')
    const mine = await on.git('rev-parse', 'main')
    await expect(on.git('rebase', '-q', 'theirs/1')).rejects.toThrow('could not apply')
    await expectHeld(on, 'rebase')
    expect(await on.git('rev-parse', 'main')).toBe(mine)
    await on.git('rebase', '--abort')
    await expectLandsByItself(on, [mine])
  })

  fleetTest('while another git command holds its index: it waits until the lock is gone', async ({ fleet }) => {
    const on = await QueueScene.begin(await fleet.begin({}), 'shared', { 'agent/1': { 'parts/1.txt': '1\n' } })
    const lock = join(on.repository, '.git/index.lock')
    writeFileSync(lock, '')
    await expectHeld(on, 'holds the index')
    rmSync(lock)
    await expectLandsByItself(on)
  })
})

/** `orch merge … --json`, as a person calls it. */
async function mergeOf(on: QueueScene, names: readonly string[], environment = on.environment): Promise<MergeResponse> {
  const ended = await on.scene.run(['merge', ...names, '--json'], { cwd: on.repository, environment, deadlineMs: 120_000 })
  expect(ended.stdout, ended.stderr).toContain('"schema"')
  return JSON.parse(ended.stdout) as MergeResponse
}

/** Three branches of which the first run waits at a gate. */
async function beginTesting(scene: QueueScene['scene']): Promise<{ on: QueueScene; told: Promise<MergeResponse>; open(): void }> {
  const on = await QueueScene.begin(scene, 'shared', three)
  const { environment, open } = on.gate()
  const told = mergeOf(on, on.branches, environment)
  told.catch(() => undefined)
  await until(() => on.begun().length > 0, { what: 'the first run has begun' })
  return { on, told, open }
}

async function expectHeld(on: QueueScene, word: string): Promise<void> {
  const before = { hash: on.checkoutHash(), main: await on.git('rev-parse', 'main') }
  const { entries } = await mergeOf(on, ['agent/1'])
  expect(entries).toMatchObject([{ branch: 'agent/1', outcome: 'waiting', reason: expect.stringContaining(word) }])
  expect(await on.git('rev-parse', 'main')).toBe(before.main)
  expect(on.checkoutHash(), 'the checkout was touched').toBe(before.hash)
}

async function expectLandsByItself(on: QueueScene, ofTheUser: readonly string[] = []): Promise<void> {
  await until(async () => (await on.git('branch', '--contains', 'agent/1', '--list', 'main')) !== '', {
    what: 'agent/1 is in main',
    deadlineMs: 60_000,
  })
  await on.expectLandedOnce(['agent/1'])
  await on.expectTested(ofTheUser)
  await until(async () => (await on.git('status', '--porcelain')) === '', { what: 'the checkout is clean' })
}
