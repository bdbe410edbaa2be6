import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadText } from '../../platform/files.ts'
import { loadLog } from './log-file.ts'

const lifecycle = new URL('../../../test/fixtures/journal-lifecycle.ts', import.meta.url).pathname
const STEPS = ['provision', 'agent', 'review', 'merge', 'cleanup']

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'orch-crash-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

function launch(place: string, tasks: number, crashAt?: string) {
  const environment = { ...process.env, ...(crashAt === undefined ? {} : { ORCH_CRASH_AT_WRITE: crashAt }) }
  const argv = ['--import', 'tsx', lifecycle, join(place, 'journal'), join(place, 'ledger'), String(tasks)]
  return spawn(process.execPath, argv, { env: environment, stdio: ['ignore', 'inherit', 'inherit'] })
}

async function finish(child: ReturnType<typeof launch>): Promise<number | string | null> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return code ?? signal
}

/** How often each effect happened more than once; fails when one never did. */
async function repeats(place: string, tasks: number): Promise<number> {
  const lines = (await readFile(join(place, 'ledger'), 'utf8')).trim().split('\n')
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  expect(counts.size).toBe(STEPS.length * tasks)
  return lines.length - counts.size
}

it('a kill before or after any write loses nothing, and repeats only what was not recorded', { timeout: 240_000 }, async () => {
  let points = 0
  let repeated = 0
  for (let n = 1, isPast = false; !isPast; n++) {
    const both = await Promise.all(['', '+'].map((side) => crashAt(`${n}${side}`)))
    isPast = both.some((end) => end.wasPast)
    for (const { extra } of both) {
      expect(extra, `at write ${n}`).toBeLessThanOrEqual(2) // the steps that worked side by side
      repeated += extra
      points++
    }
  }
  console.info(`${points} crash points, ${repeated} effects repeated`)
  expect(points).toBeGreaterThan(20)
})

async function crashAt(point: string): Promise<{ wasPast: boolean; extra: number }> {
  const place = madeFolder(join(folder, point))
  const crashed = await finish(launch(place, 1, point))
  if (crashed !== 0) {
    expect(crashed).toBe('SIGKILL')
    expect(await finish(launch(place, 1))).toBe(0)
  }
  return { wasPast: crashed === 0, extra: await repeats(place, 1) }
}

it('20 random kills of 300 tasks lose nothing and leave nothing stuck', { timeout: 240_000 }, async () => {
  const tasks = 300
  const random = seeded(42)
  madeFolder(folder)
  let kills = 0
  let inFlight = 0
  while (kills < 20) {
    const before = (await loadText(join(folder, 'journal', 'events.jsonl')))?.length ?? 0
    const child = launch(folder, tasks)
    const exit = finish(child)
    // Kill by progress of the journal, not by the clock: 1 to 13 KB further than before.
    const target = before + 1000 + Math.floor(random() * 12_000)
    let ended: number | string | null | undefined
    void exit.then((code) => (ended = code))
    while (ended === undefined && ((await loadText(join(folder, 'journal', 'events.jsonl')))?.length ?? 0) < target) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    child.kill('SIGKILL')
    if ((await exit) === 0) break
    kills++
    inFlight += await unrecordedEffects()
  }
  expect(kills).toBe(20)
  expect(await finish(launch(folder, tasks))).toBe(0)
  const repeated = await repeats(folder, tasks)
  console.info(`${kills} kills, ${repeated} of ${tasks * STEPS.length} effects repeated`)
  expect(repeated).toBeLessThanOrEqual(inFlight)
  const { events } = await loadLog(join(folder, 'journal', 'events.jsonl'))
  const ends = events.filter((event) => event.type === 'end')
  expect(ends).toHaveLength(3 * tasks)
  expect(ends.every((end) => end.status === 'done')).toBe(true)
})

/** Effects in the ledger without a record in the journal: only these may come again. */
async function unrecordedEffects(): Promise<number> {
  const happened = new Set(((await loadText(join(folder, 'ledger'))) ?? '').trim().split('\n').filter(Boolean))
  const text = (await loadText(join(folder, 'journal', 'events.jsonl'))) ?? ''
  const whole = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
  for (const line of whole) {
    const event = JSON.parse(line) as { type: string; output?: unknown }
    if (event.type === 'step' && typeof event.output === 'string') happened.delete(event.output)
  }
  return happened.size
}

function madeFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
