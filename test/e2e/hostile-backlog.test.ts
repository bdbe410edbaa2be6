import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { COMMITS, expectHarmless, shellAgent } from '../support/fleet/hostile.ts'

const config = shellAgent(COMMITS)

async function timed(
  scene: FleetScene,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string; ms: number }> {
  const began = performance.now()
  const ended = await scene.run(args)
  return { ...ended, ms: performance.now() - began }
}

function backlog(scene: FleetScene, text: string | Uint8Array): void {
  writeFileSync(join(scene.repository, 'tasks.md'), text)
}

fleetTest('a backlog that is too large, too deep or no text is refused quickly, and nothing is started', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  await scene.run(['daemon', 'start'])
  const hostile: readonly (readonly [string, string | Uint8Array])[] = [
    ['10 MB', `# Backlog\n\n${'- [ ] A task that is one of many\n'.repeat(330_000)}`],
    ['5,001 tasks', Array.from({ length: 5001 }, (_, at) => `- [ ] Task ${at}\n  - id: t${at}\n`).join('')],
    ['bytes', Buffer.concat([Buffer.from('- [ ] '), Buffer.alloc(100_000, 0xff), Buffer.from('\n'), Buffer.alloc(1000)])],
    ['one line', `- [ ] ${'x'.repeat(1_900_000)}`],
    ['deep lists', Array.from({ length: 900 }, (_, depth) => `${' '.repeat(2 * depth)}- [ ] ${depth}\n`).join('')],
    ['deep quotes', `${'>'.repeat(50_000)} - [ ] x\n`],
    ['deep brackets', `- [ ] ${'['.repeat(100_000)}\n`],
    ['emphasis', `- [ ] ${'*a **b '.repeat(20_000)}\n`],
    ['links', `- [ ] ${'[a]('.repeat(30_000)}\n`],
    ['a long cycle', Array.from({ length: 3000 }, (_, at) => `- [ ] T${at}\n  - id: t${at}\n  - needs: t${(at + 1) % 3000}\n`).join('')],
    ['an unclosed comment', `<!-- ${'- [ ] x\n'.repeat(100_000)}`],
  ]
  for (const [what, text] of hostile) {
    backlog(scene, text)
    for (const args of [['plan'], ['run', '--detach', '--dry-run']]) {
      const { code, stdout, stderr, ms } = await timed(scene, args)
      expect(stderr, what).not.toMatch(/unexpected|stack/)
      expectHarmless(stdout + stderr, what)
      expect(stdout.length + stderr.length, what).toBeLessThan(3_000_000)
      if (code !== 0) expect(stderr, `${what} ${args[0]}`).toMatch(/^Next: /m)
      expect(ms, `${what}: ${args.join(' ')}`).toBeLessThan(10_000)
    }
  }
  expect((await scene.call<{ tasks: unknown[] }>('GET', '/v1/tasks')).tasks).toEqual([])
})

fleetTest('5,000 tasks are planned', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  backlog(
    scene,
    Array.from({ length: 5000 }, (_, at) => `- [ ] Task ${at}\n  - id: t${at}\n${at === 0 ? '' : `  - needs: t${at - 1}\n`}`).join(''),
  )
  const { code, stdout, stderr, ms } = await timed(scene, ['plan', '--json'])
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('t4999')
  expect(ms).toBeLessThan(15_000)
})

fleetTest('60 tasks are accepted at once, worked off four at a time and all landed', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks: Array.from({ length: 60 }, (_, at) => `- [ ] Task ${at}\n  - id: t${at}\n`).join('') })
  const { code, stdout, stderr } = await scene.run(['run', '--detach', '--max', '4', '--json'])
  expect(code, stderr).toBe(0)
  expect((JSON.parse(stdout) as { started: string[] }).started.length).toBe(60)
  const ids = Array.from({ length: 60 }, (_, at) => `t${at}`)
  await scene.untilStatus(ids, 'Merged', 120_000)
  expect((await scene.git('show', 'main:tasks.md')).match(/\[x\]/g)?.length).toBe(60)
})
