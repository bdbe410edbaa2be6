import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { runToEnd, type Ended } from '../support/orch.ts'

const plugin = resolve(import.meta.dirname, '../../plugin')

fleetTest("the worktree of a person's own `claude -w` is a task's: in the monitor, followed, merged, cleaned up", async ({ fleet }) => {
  const scene = await fleet.begin({
    config: 'validate: "true"\ncopy: [.env]\n',
    files: { '.gitignore': '.env\n', '.claude/settings.json': '{}' },
  })
  writeFileSync(join(scene.repository, '.env'), 'KEY=1\n')
  const first = await claude(scene, ['-w', 'by-hand', 'Do what TASK.md asks.'])
  expect(first).toMatchObject({ code: 0 })
  const worktree = `${scene.repository}-wt-by-hand`
  expect(cwdOf(first)).toBe(worktree)
  expect(readFileSync(join(worktree, '.env'), 'utf8')).toBe('KEY=1\n')
  await until(() => scene.status('by-hand')?.reason === 'the session in the terminal ended', { what: 'its end is heard' })
  const { next = '', kind, branch } = scene.status('by-hand') ?? {}
  expect({ kind, branch }).toEqual({ kind: 'manual', branch: 'feature/by-hand' })
  expect((await scene.run(['monitor'])).stdout).toContain('repo-wt-by-hand')

  // The same name is the same worktree, whichever conversation; and what is shown to go on with is the person's first one.
  const again = await claude(scene, ['-w', 'by-hand', 'Anything else?'])
  expect(cwdOf(again)).toBe(worktree)
  expect(next).toContain(`--resume=${idOf(first)}`)
  expect(await runToEnd('/bin/sh', ['-c', `${next} -p 'And now?'`], spawned(scene))).toMatchObject({ code: 0 })

  expect(await scene.run(['merge', 'by-hand'])).toMatchObject({ code: 0 })
  expect(await scene.run(['cleanup', 'by-hand'])).toMatchObject({ code: 0 })
  expect(existsSync(worktree)).toBe(false)

  // What the person leaves without any work goes when Claude Code asks for it; what holds work stays.
  expect(cwdOf(await claude(scene, ['-w', 'empty', 'hello'], 'default'))).toBe(`${scene.repository}-wt-empty`)
  expect(await leave(scene, `${scene.repository}-wt-empty`)).toMatchObject({ code: 0, stdout: '' })
  expect(existsSync(`${scene.repository}-wt-empty`)).toBe(false)
  const full = await claude(scene, ['-w', 'full', 'Do what TASK.md asks.'])
  expect(await leave(scene, cwdOf(full))).toMatchObject({ code: 1, stderr: expect.stringContaining('orch merge repo.full') })
  expect(existsSync(cwdOf(full))).toBe(true)
})

fleetTest('where orch is not set up, or cannot start, `claude -w` works as ever', async ({ fleet }) => {
  const scene = await fleet.begin({ config: 'nonsense: [\n' })
  const plain = await claude(scene, ['-w', 'tree', 'hello'])
  expect(plain).toMatchObject({ code: 0 })
  expect(cwdOf(plain)).toBe(join(scene.repository, '.claude', 'worktrees', 'tree'))
  expect(await scene.git('worktree', 'list')).toContain('[worktree-tree]')
  expect(cwdOf(await claude(scene, ['-w', 'tree', 'again']))).toBe(cwdOf(plain))
})

fleetTest.for(['newest', 'oldest'] as const)(
  'sessions of Claude Code that are none of the fleet stand apart in the monitor, %s',
  async (version, { fleet }) => {
    const scene = await fleet.begin({ claude: version })
    expect(await scene.run(['spawn', 'own', 'Do what TASK.md asks.'])).toMatchObject({ code: 0 })
    await scene.untilStatus(['own'], 'Review')
    expect((await scene.run(['monitor'])).stdout).not.toContain('Not of orch')
    const shown = ['--input-format=stream-json', '--output-format=stream-json', '--verbose', '--name=evil\u001B[31mname']
    const foreign = spawn('claude', ['-p', ...shown], {
      cwd: scene.repository,
      env: scene.environment,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    try {
      const seen = async (): Promise<readonly object[]> => (JSON.parse((await scene.run(['monitor', '--json'])).stdout) as Monitor).foreign
      // Claude Code is asked each time, and a busy machine may not wait for it.
      const found = await until(async () => [await seen()].find(({ length }) => length > 0), { what: 'it is seen' })
      expect(found).toEqual([expect.objectContaining({ pid: foreign.pid, cwd: scene.repository })])
      const told = async () => [(await scene.run(['monitor'])).stdout].find((text) => text.includes('Not of orch'))
      const stdout = await until(told, { what: 'it is told' })
      expect(stdout).toMatch(/Not of orch.*\n {2}evil.*name, /)
      expect(stdout).not.toContain('\u001B')
    } finally {
      const gone = once(foreign, 'exit')
      foreign.kill('SIGKILL')
      await gone
    }
  },
)

interface Monitor {
  readonly foreign: readonly object[]
}

function claude(scene: FleetScene, [flag = '', name = '', prompt = '']: readonly string[], mode = 'bypassPermissions'): Promise<Ended> {
  const shown = ['--output-format=stream-json', '--verbose', `--permission-mode=${mode}`, `--plugin-dir=${plugin}`]
  return runToEnd('claude', ['-p', prompt, flag, name, ...shown], spawned(scene))
}

/** As Claude Code calls the hook once the person has said that the worktree may go. */
function leave(scene: FleetScene, path: string): Promise<Ended> {
  const input = { session_id: 'x', cwd: scene.repository, hook_event_name: 'WorktreeRemove', worktree_path: path }
  return runToEnd('/bin/sh', [join(plugin, 'worktree.sh'), 'remove'], { ...spawned(scene), input: JSON.stringify(input) })
}

function spawned({ repository: cwd, environment }: FleetScene): { cwd: string; environment: Readonly<Record<string, string>> } {
  return { cwd, environment }
}

function cwdOf({ stdout }: Ended): string {
  return /"subtype":"init","cwd":"([^"]+)"/.exec(stdout)?.[1] ?? ''
}

function idOf({ stdout }: Ended): string {
  return /"session_id":"([^"]+)"/.exec(stdout)?.[1] ?? ''
}
