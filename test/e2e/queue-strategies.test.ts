import { expect } from 'vitest'
import type { MergeResponse } from '../../src/protocol/responses.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

// How a landing stands in the history, and that it can be taken back: through the built orch, on branches that are no task's.

const shapes = [
  { strategy: 'merge', landed: ['Merge side', 'Begin'], parents: 2 },
  { strategy: 'squash', landed: ['Merge side', 'Begin'], parents: 1 },
  { strategy: 'rebase', landed: ['Second', 'First', 'Begin'], parents: 1 },
] as const

for (const { strategy, landed, parents } of shapes) {
  fleetTest(`a branch lands by ${strategy}, once, and is taken back`, async ({ fleet }) => {
    const scene = await fleet.begin({ config: `validate: test ! -e broken\nstrategy: ${strategy}\n` })
    await branch(scene)
    const before = await scene.git('rev-parse', 'main^{tree}')

    expect(await merged(scene, 'merge', 'side')).toMatchObject([{ branch: 'side', outcome: 'landed' }])
    expect((await scene.git('log', '--first-parent', '--format=%s', 'main')).split('\n')).toEqual(landed)
    expect((await scene.git('show', '-s', '--format=%P', 'main')).split(' ')).toHaveLength(parents)
    expect(await scene.git('show', '-s', '--format=%(trailers:key=Orch-Verified,valueonly)', 'main')).toBe('validate')
    expect(await scene.git('diff', '--stat', 'main', 'side')).toBe('')
    expect(await scene.git('status', '--porcelain')).toBe('')

    // Asked again, nothing is done twice.
    const head = await scene.git('rev-parse', 'main')
    expect(await merged(scene, 'merge', 'side')).toMatchObject([{ outcome: 'already-landed' }])
    expect(await scene.git('rev-parse', 'main')).toBe(head)

    expect((await scene.run(['undo', '--dry-run'])).stdout).toContain('side: would be taken back')
    expect(await merged(scene, 'undo', 'side')).toMatchObject([{ outcome: 'landed' }])
    expect(await scene.git('rev-parse', 'main^{tree}')).toBe(before)
    expect(await merged(scene, 'undo')).toMatchObject([{ outcome: 'landed' }])
    expect(await scene.git('diff', '--stat', 'main', 'side')).toBe('')
    expect(await scene.git('status', '--porcelain')).toBe('')
  })
}

async function branch(scene: FleetScene): Promise<void> {
  await scene.git('switch', '-qc', 'side')
  for (const [name, subject] of [
    ['one.txt', 'First'],
    ['two.txt', 'Second'],
  ] as const) {
    await scene.git('mv', name === 'one.txt' ? 'README.md' : 'one.txt', name)
    await scene.git('commit', '-qm', subject)
  }
  await scene.git('switch', '-q', 'main')
}

async function merged(scene: FleetScene, ...args: readonly string[]): Promise<MergeResponse['entries']> {
  const { stdout, stderr } = await scene.run([...args, '--json'])
  const { entries = [] } = JSON.parse(stdout) as Partial<MergeResponse>
  expect(entries, stdout + stderr).toHaveLength(1)
  return entries
}
