import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { fleetTest, type FleetFixture, type FleetScene } from '../support/fleet/fleet.ts'
import { expectHarmless, filesHolding, walk } from '../support/fleet/hostile.ts'
import { findLeftovers } from '../support/leftovers.ts'

const program = resolve(import.meta.dirname, '../fixtures/hostile/hostile.mjs')

/** `outside` is what an attack would reach; `secret` in it is what must not be read, `sprung` what a run trap leaves. */
async function begin(fleet: FleetFixture): Promise<{ scene: FleetScene; outside: string }> {
  const scene = await fleet.begin({
    config: `agent:\n  command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(program)}]\nvalidate: "true"\nland: review\nnudge-after: 1h\n`,
    files: { 'src/a.txt': 'a\n' },
  })
  const outside = join(scene.orch.home, 'outside')
  mkdirSync(join(outside, 'brain'), { recursive: true })
  writeFileSync(join(outside, 'secret'), 'TOP SECRET')
  writeFileSync(join(outside, 'brain', 'id_rsa'), 'TOP SECRET')
  writeFileSync(
    join(outside, 'trap.sh'),
    `#!/bin/sh\n[ -e ${outside}/armed ] && [ -z "$ORCH_TASK" ] && echo "$0 $*" >>${outside}/sprung\ncat\nexit 0\n`,
    { mode: 0o755 },
  )
  return { scene, outside }
}

async function work(scene: FleetScene, task: string, wanted: Parameters<FleetScene['untilStatus']>[1] = 'Review'): Promise<void> {
  const { code, stderr } = await scene.run(['spawn', task, 'be hostile'])
  expect(code, stderr).toBe(0)
  await scene.untilStatus([task], wanted)
}

fleetTest('an outbox of links, pipes, floods and bombs says what is wrong and holds up nothing', async ({ fleet }) => {
  const { scene, outside } = await begin(fleet)
  await work(scene, 'outbox')
  const status = scene.status('outbox')
  expect(status?.checkpoint?.isInferred).toBe(false)
  expect(status?.checkpoint?.commit).toMatch(/^[0-9a-f]{40}$/)
  for (const command of [['list', '--json'], ['monitor'], ['logs', 'outbox']]) {
    const { stdout, stderr } = await scene.run(command)
    expectHarmless(stdout + stderr, command.join(' '))
  }
  const messages = status?.messages ?? []
  for (const name of [
    '1-link',
    '2-pipe',
    '3-huge',
    '4-bytes',
    '5-bomb',
    '6-kind',
    '6-version',
    '6-deep',
    '6-commit',
    '7-empty',
    '7-folder',
  ]) {
    expect(messages.filter(({ kind, text }) => kind === 'unreadable' && text.startsWith(`${name}.md`)).length, name).toBe(1)
  }
  expect(messages.at(-1)?.text).toBe('finished')
  expect(messages.some(({ kind, text }) => kind === 'tell' && text.includes('evil'))).toBe(true)
  expect(statSync(join(scene.orch.orchHome, 'sessions/repo.outbox/status.json')).size).toBeLessThan(50_000)
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('TOP SECRET')
  expect(filesHolding(scene.orch.orchHome, 'TOP SECRET')).toEqual([])
  for (const { path } of walk(scene.orch.orchHome)) expectHarmless(path, 'a file name')
})

fleetTest('a .orch that became a link is not followed, and the task says so', async ({ fleet }) => {
  const { scene, outside } = await begin(fleet)
  await work(scene, 'folder', 'Needs you')
  await scene.run(['send', 'folder', 'go on'])
  await scene.untilStatus(['folder'], 'Failed')
  expect(scene.status('folder')?.reason).toContain('.orch is not a folder')
  expect(readdirSync(outside).toSorted()).toEqual(['brain', 'secret', 'trap.sh'])
})

fleetTest('notes that became links are not archived', async ({ fleet }) => {
  const { scene } = await begin(fleet)
  await work(scene, 'notes')
  const merged = await scene.run(['merge', 'notes'])
  expect(merged.code, merged.stderr + merged.stdout).toBe(0)
  const cleaned = await scene.run(['cleanup', 'notes'])
  expect(cleaned.code, cleaned.stderr + cleaned.stdout).toBe(0)
  expect(cleaned.stdout).not.toContain('TOP SECRET')
  expect(filesHolding(scene.orch.orchHome, 'TOP SECRET')).toEqual([])
})

fleetTest('planted configuration, attributes and hooks are not run by validate, merge, status and cleanup', async ({ fleet }) => {
  const { scene, outside } = await begin(fleet)
  await work(scene, 'planted')
  const audits = (scene.status('planted')?.messages ?? []).filter(({ kind }) => kind === 'audit').map(({ text }) => text)
  expect(audits.join('\n')).toContain('the git filter trap came')
  // It planted a program that signs commits, too: that is a person's to settle.
  const refused = await scene.run(['merge', 'planted'])
  expect(refused.code, refused.stderr + refused.stdout).toBe(3)
  expect(refused.stdout).toContain('has gpg.program in its own configuration, which every session can write')
  for (const setting of ['gpg.program', 'commit.gpgsign']) await scene.git('config', '--unset', setting)
  expect(await scene.run(['queue', 'resume'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['planted'], 'Merged')
  const cleaned = await scene.run(['cleanup', 'planted'])
  expect(cleaned.code, cleaned.stderr + cleaned.stdout).toBe(0)
  await work(scene, 'folder', 'Needs you')
  expect(existsSync(join(outside, 'sprung')) ? readFileSync(join(outside, 'sprung'), 'utf8') : 'nothing ran').toBe('nothing ran')
})

fleetTest('a repository inside of the worktree is not entered and not lost', async ({ fleet }) => {
  const { scene, outside } = await begin(fleet)
  await scene.run(['spawn', 'nested', 'be hostile'])
  await scene.untilStatus(['nested'], 'Needs you')
  const merged = await scene.run(['merge', 'nested'])
  expect(merged.code).not.toBe(0)
  const refused = await scene.run(['cleanup', 'nested'])
  expect(refused.code).not.toBe(0)
  const worktree = scene.status('nested')?.worktree ?? ''
  expect(lstatSync(join(worktree, 'inner/file')).isFile()).toBe(true)
  const cleaned = await scene.run(['cleanup', 'nested', '--abandon', 'hostile'])
  expect(cleaned.code, cleaned.stdout + cleaned.stderr).toBe(0)
  expect(existsSync(join(outside, 'sprung'))).toBe(false)
})

fleetTest('the guard refuses foreign refs, and the audit tells of those that went round it', async ({ fleet }) => {
  const { scene, outside } = await begin(fleet)
  await scene.git('branch', 'other')
  const before = await scene.git('rev-parse', 'main')
  await work(scene, 'refs')
  const refused = JSON.parse(readFileSync(join(outside, 'refused.json'), 'utf8')) as string[]
  for (const answer of refused) expect(answer).toContain('orch: this session may only move feature/refs')
  expect(await scene.git('rev-parse', 'main')).toBe(before)
  const audits = (scene.status('refs')?.messages ?? []).filter(({ kind }) => kind === 'audit').map(({ text }) => text)
  expect(audits.join('\n')).toContain('refs/tags/bypassed')
  expect(audits.join('\n')).toContain('refs/heads/other')
})

fleetTest('escapes in commits, notes, file names and output reach no terminal', async ({ fleet }) => {
  const { scene } = await begin(fleet)
  await work(scene, 'words')
  for (const command of [
    ['status'],
    ['list'],
    ['list', '--json'],
    ['monitor'],
    ['logs', 'words'],
    ['logs', 'words', '--json'],
    ['merge', 'words'],
    ['cleanup', '--dry-run', 'words'],
    ['cleanup', 'words'],
    ['list', '--json'],
  ]) {
    const { code, stdout, stderr } = await scene.run(command)
    expect(code, command.join(' ') + stderr).toBe(0)
    expectHarmless(stdout + stderr, command.join(' '))
  }
  expectHarmless(await scene.git('log', '--first-parent', '--merges', '--format=%s %b', 'main'), 'landings')
})

fleetTest('50 MB of output are read in bounded memory', async ({ fleet }) => {
  const { scene } = await begin(fleet)
  await scene.run(['daemon', 'start'])
  await work(scene, 'flood')
  const { rssBytes } = await scene.call<{ rssBytes: number }>('GET', '/v1/daemon')
  expect(rssBytes).toBeLessThan(250_000_000)
  const page = await scene.call<{ lines: unknown[]; record: string; next: number }>(
    'GET',
    `/v1/tasks/log?cwd=${encodeURIComponent(scene.repository)}&name=flood`,
  )
  expect(JSON.stringify(page).length).toBeLessThan(2_000_000)
  const more = await scene.call<{ lines: unknown[]; next: number }>(
    'GET',
    `/v1/tasks/log?cwd=${encodeURIComponent(scene.repository)}&name=flood&record=${page.record}&after=${page.next}`,
  )
  expect(more.lines.length).toBeGreaterThan(0)
  expect(more.next).toBeGreaterThan(page.next)
  const end = await scene.call<{ lines: { text: string }[]; hasMore: boolean; isCut: boolean }>(
    'GET',
    `/v1/tasks/log?cwd=${encodeURIComponent(scene.repository)}&name=flood&tail=60000`,
  )
  expect(end).toMatchObject({ hasMore: false, isCut: true })
  expect(JSON.stringify(end).length).toBeLessThan(150_000)
})

fleetTest('children that left their session and a killed wrapper leave no process behind', async ({ fleet }) => {
  const { scene } = await begin(fleet)
  await work(scene, 'orphans')
  expect(findLeftovers(scene.orch.home).filter(({ command }) => /sleep 47/.test(command))).toEqual([])
  await work(scene, 'wrapper')
  expect((await scene.run(['merge', '--all'])).code).toBe(0)
})
