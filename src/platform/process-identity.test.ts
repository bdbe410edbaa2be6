import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { identityOf, isSameProcess, parsePs, parseStat } from './process-identity.ts'

it('knows this process, and not another with the same pid', async () => {
  const own = await identityOf(process.pid)
  if (own === undefined) throw new Error('own identity unknown')
  expect(await isSameProcess(own)).toBe('alive')
  expect(await isSameProcess({ ...own, startTime: '1' })).toBe('dead')
  expect(await isSameProcess({ ...own, bootId: 'another boot' })).toBe('dead')
})

it('a process that ended is dead', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const identity = await identityOf(child.pid ?? 0)
  if (identity === undefined) throw new Error('child unknown')
  expect(await isSameProcess(identity)).toBe('alive')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await isSameProcess(identity)).toBe('dead')
  expect(await identityOf(identity.pid)).toBeUndefined()
})

it.runIf(process.platform === 'linux')('a zombie is dead', async () => {
  // sh becomes a sleep that never reaps its child.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 61'])
  try {
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
    const zombie = Number(pid.toString())
    await expect.poll(async () => readFile(`/proc/${parent.pid}/stat`, 'utf8'), { timeout: 4000 }).toContain('(sleep)')
    process.kill(zombie, 'SIGKILL')
    await expect.poll(async () => (await readFile(`/proc/${zombie}/stat`, 'utf8')).includes(') Z '), { timeout: 4000 }).toBe(true)
    expect(await identityOf(zombie)).toBeUndefined()
  } finally {
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  }
})

it.runIf(process.platform === 'linux')('a program name with spaces and parentheses confuses nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orch-identity-'))
  const program = join(folder, 'a) Z (b 1')
  await copyFile('/bin/sleep', program)
  const child = spawn(program, ['60'])
  try {
    await once(child, 'spawn')
    await expect.poll(async () => readFile(`/proc/${child.pid}/stat`, 'utf8'), { timeout: 5000 }).toContain('(a) Z (b 1)')
    const identity = await identityOf(child.pid ?? 0)
    expect(identity?.startTime).toMatch(/^\d+$/)
    expect(identity && (await isSameProcess(identity))).toBe('alive')
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
})

it('reads what ps prints on macOS', () => {
  expect(parsePs('Ss   Sat Nov  1 04:08:29 2026    \n')).toEqual({ kind: 'running', startTime: 'Sat Nov 1 04:08:29 2026' })
  expect(parsePs('Z    Sat Nov  1 04:08:29 2026\n')).toEqual({ kind: 'dead' })
  expect(parsePs('')).toEqual({ kind: 'unknown' })
})

it('does not guess from half a line', () => {
  expect(parseStat('12 (sh) S 1 2')).toEqual({ kind: 'unknown' })
  expect(parseStat('')).toEqual({ kind: 'unknown' })
})
