import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { loadText } from './files.ts'
import { acquire, tryAcquire } from './generation-lock.ts'
import { identityOf } from './process-identity.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'orch-lock-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function must() {
  const attempt = await tryAcquire(folder)
  if (attempt.kind !== 'acquired') throw new Error('busy')
  return attempt.lock
}

it('one holder at a time; a release lets the next one in with a higher generation', async () => {
  const first = await must()
  expect(await tryAcquire(folder)).toMatchObject({ kind: 'busy', owner: { pid: process.pid } })
  await first.release()
  await first.release()
  const second = await must()
  expect(second.generation).toBe(first.generation + 1)
  await second.release()
  await (await must()).release()
  expect((await readdir(folder)).sort()).toEqual(['lock.1', 'lock.3'])
})

it('a late release of an old owner does not free the new one', async () => {
  const first = await must()
  await first.release()
  await must()
  await first.release()
  expect((await tryAcquire(folder)).kind).toBe('busy')
})

it('takes over from a dead owner, a reused pid, another boot, and a torn or empty file', async () => {
  const own = await identityOf(process.pid)
  const claim = { v: 1, token: 't', ...own }
  const dead = [
    { ...claim, startTime: '1' },
    { ...claim, bootId: 'earlier' },
    { ...claim, pid: 2 ** 22 + 1 },
  ].map((each) => JSON.stringify(each))
  let generation = 0
  for (const text of [...dead, '', '{"v":1,"tok', JSON.stringify(claim).slice(0, -5)]) {
    await writeFile(join(folder, `lock.${(generation += 10)}`), text)
    const lock = await must()
    expect(lock.generation).toBe(generation + 1)
    await lock.release()
  }
  await writeFile(join(folder, `lock.${generation + 10}`), JSON.stringify(claim))
  expect((await tryAcquire(folder)).kind).toBe('busy')
})

it('waiting ends with the deadline, naming the holder, or with the signal', async () => {
  await must()
  const patience = { clock: systemClock, timeoutMs: 30 }
  await expect(acquire(folder, patience)).rejects.toMatchObject({ code: 'lock-timeout', facts: { pid: process.pid } })
  await expect(acquire(folder, { ...patience, signal: AbortSignal.abort('stopped') })).rejects.toBe('stopped')
})

it('of many in one process exactly one wins', async () => {
  const attempts = await Promise.all(Array.from({ length: 30 }, () => tryAcquire(folder)))
  expect(attempts.filter((attempt) => attempt.kind === 'acquired')).toHaveLength(1)
})

it('holds among processes that are killed at any moment', { timeout: 60_000 }, async () => {
  const contender = new URL('../../test/fixtures/lock-contender.ts', import.meta.url).pathname
  const start = () => spawn(process.execPath, ['--import', 'tsx', contender, join(folder, 'lock'), folder], { stdio: 'inherit' })
  const entries = async () =>
    ((await loadText(join(folder, 'ledger'))) ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '))
  const live = new Set(Array.from({ length: 5 }, start))
  const killed = new Set<string>()
  for (let kills = 0; kills < 10; kills++) {
    const before = (await entries()).length
    await expect.poll(async () => (await entries()).length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(before + 8)
    const holder = Number((await entries()).at(-1)?.[2]) // most often inside the lock
    const victim = [...live].find((child) => child.pid === holder)
    if (victim === undefined) continue
    live.delete(victim)
    killed.add(String(victim.pid))
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    live.add(start())
  }
  await writeFile(join(folder, 'stop'), '')
  await Promise.all([...live].map(async (child) => child.exitCode ?? once(child, 'exit')))
  check(await entries(), killed, Number(await readFile(join(folder, 'counter'), 'utf8')))
})

function check(lines: string[][], killed: ReadonlySet<string>, counter: number): void {
  let generation = 0
  let inside: string | undefined
  let values: number[] = [0] // a holder killed at its very end may or may not have counted
  for (const [what, n, pid = '', value] of lines) {
    if (what === 'enter') {
      expect(inside === undefined || killed.has(inside), `${pid} entered while ${inside} was inside`).toBe(true)
      expect(Number(n)).toBeGreaterThan(generation)
      expect(values).toContain(Number(value))
      generation = Number(n)
      inside = pid
      values = [Number(value)]
    } else {
      expect([inside, String(generation)]).toEqual([pid, n])
      values = killed.has(pid) ? [...values, Number(value)] : [Number(value)]
      inside = undefined
    }
  }
  expect(killed.size).toBeGreaterThan(5)
  expect(values).toContain(counter)
}
