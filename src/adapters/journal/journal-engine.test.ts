import fc from 'fast-check'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { Failure } from '../../foundation/failure.ts'
import type { Engine } from '../../ports/engine.ts'
import type { JournalEvent } from './journal-event.ts'
import { renderEvent } from './journal-event.ts'
import { createJournalEngine } from './journal-engine.ts'
import type { JournalOptions } from './journal-engine.ts'
import { writeToDisk } from './log.ts'
import type { Runs } from './runs/run-state.ts'
import { applyEvent } from './runs/run-state.ts'

let folder: string
let clock: ManualClock
const open: Engine[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orch-journal-'))
  clock = new ManualClock()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.close()))
  await rm(folder, { recursive: true, force: true })
})

async function launch(declare: (engine: Engine) => void, more: Partial<JournalOptions> = {}): Promise<Engine> {
  const engine = createJournalEngine({ folder, clock, ...more })
  open.push(engine)
  declare(engine)
  await engine.launch()
  return engine
}

const echo = (engine: Engine) => engine.workflow('echo', (run, input) => run.step('echo', () => input))
const log = () => join(folder, 'events.jsonl')

describe('a clock that is set', () => {
  const TEN_MINUTES = 600_000
  const beginWait = async () => {
    const engine = await launch((e) => e.workflow('waits', (run) => run.recv('never', TEN_MINUTES)))
    await engine.start('waits', null, { id: 'w' })
    await vi.waitFor(() => expect(clock.waiting).toBe(1))
    return engine
  }
  const hasEnded = (engine: Engine) => engine.get('w')?.status === 'done'

  it('on ends a wait that much earlier', async () => {
    const engine = await beginWait()
    clock.jump(TEN_MINUTES - 100_000)
    await clock.advance(99_000)
    expect(hasEnded(engine)).toBe(false)
    await clock.advance(61_000) // the next look
    await vi.waitFor(() => expect(hasEnded(engine)).toBe(true))
  })

  it('back does not draw a wait out', async () => {
    const engine = await beginWait()
    await clock.advance(100_000)
    clock.jump(-24 * 3_600_000)
    await clock.advance(TEN_MINUTES - 101_000)
    expect(hasEnded(engine)).toBe(false)
    await clock.advance(1000)
    await vi.waitFor(() => expect(hasEnded(engine)).toBe(true))
  })

  it('back while nobody waited begins the wait anew at the most', async () => {
    const first = await beginWait()
    await first.close()
    clock.jump(-24 * 3_600_000)
    const engine = await launch((e) => e.workflow('waits', (run) => run.recv('never', TEN_MINUTES)))
    await vi.waitFor(() => expect(clock.waiting).toBe(1))
    await clock.advance(TEN_MINUTES)
    await vi.waitFor(() => expect(hasEnded(engine)).toBe(true))
  })
})

describe('the file', () => {
  it('loses only a torn last line', async () => {
    const first = await launch(echo)
    await (await first.start('echo', 1, { id: 'a' })).result()
    await first.close()
    const whole = await readFile(log(), 'utf8')
    await writeFile(log(), `${whole}{"v":1,"type":"start","run":"b","na`)
    const again = await launch(echo)
    expect(again.list()).toMatchObject([{ id: 'a', status: 'done', output: 1 }])
    expect(await readFile(log(), 'utf8')).toBe(whole)
  })

  it('refuses a corrupt line in the middle, names it, and leaves the file and the lock free', async () => {
    const first = await launch(echo)
    await (await first.start('echo', 1, { id: 'a' })).result()
    await first.close()
    const lines = (await readFile(log(), 'utf8')).split('\n')
    const text = [lines[0], '{"v":1,"type":"st', ...lines.slice(1)].join('\n')
    await writeFile(log(), text)
    for (let i = 0; i < 2; i++) {
      await expect(launch(echo)).rejects.toMatchObject({
        code: 'journal-corrupt',
        facts: { line: 2 },
        next: expect.stringContaining('line 2'),
      })
    }
    expect(await readFile(log(), 'utf8')).toBe(text)
    expect((await stat(log())).mode & 0o777).toBe(0o600)
  })

  it('has one owner', async () => {
    await launch(echo)
    await expect(launch(echo)).rejects.toMatchObject({ code: 'already-owned', message: expect.stringContaining(String(process.pid)) })
  })

  it('loads 100,000 events', async () => {
    const events = Array.from({ length: 20_000 }, (_, i): JournalEvent[] => [
      { v: 1, type: 'start', run: `r${i}`, name: 'echo', input: i, at: 1 },
      ...[0, 1, 2].map((seq): JournalEvent => ({ v: 1, type: 'step', run: `r${i}`, seq, name: 's', output: 'x'.repeat(100), at: 1 })),
      { v: 1, type: 'end', run: `r${i}`, status: 'done', output: i, at: 2 },
    ])
    await writeFile(log(), events.flat().map(renderEvent).join(''))
    const before = performance.now()
    const engine = await launch(echo)
    console.info(`100,000 events loaded and compacted in ${Math.round(performance.now() - before)} ms`)
    expect(engine.list()).toHaveLength(20_000)
    expect((await stat(log())).size).toBe(0)
  })

  it('archives what ended, and never starts it again', async () => {
    let bodies = 0
    const declare = (engine: Engine) => {
      engine.workflow('child', async () => 'c')
      engine.workflow('parent', async (run) => (bodies++, await run.call<string>('child', null)))
      engine.workflow('waits', async (run) => [await run.call<string>('child', null), await run.recv('go')])
    }
    const first = await launch(declare)
    expect(await (await first.start('parent', null, { id: 'p' })).result()).toBe('c')
    await first.start('waits', null, { id: 'w' })
    await expect.poll(() => first.get('w/child.1')?.status).toBe('done')
    await first.close()
    for (let i = 0; i < 2; i++) {
      const again = await launch(declare, { compactAboveBytes: 0 })
      expect(await (await again.start('parent', null, { id: 'p' })).result()).toBe('c')
      expect(again.get('w/child.1')).toMatchObject({ status: 'done', output: 'c' })
      await again.close()
    }
    const last = await launch(declare, { compactAboveBytes: 0 })
    await last.send('w', 'go', 'g', 'k')
    expect(await (await last.start('waits', null, { id: 'w' })).result()).toEqual(['c', 'g'])
    expect(bodies).toBe(1)
    expect((await readFile(join(folder, 'archive.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(1)
  })
})

it('a full disk refuses calls, keeps results until there is room, and leaves whole lines', async () => {
  let isFull = false
  let effects = 0
  const write: JournalOptions['write'] = async (file, bytes) => {
    if (!isFull) return writeToDisk(file, bytes)
    await writeToDisk(file, bytes.subarray(0, 7))
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  const declare = (engine: Engine) => engine.workflow('one', (run) => run.step('effect', () => ((isFull = true), ++effects)))
  const engine = await launch(declare, { write })
  const run = await engine.start('one', null, { id: 'a' })
  await expect.poll(() => clock.waiting).toBe(1) // it waits to try again
  await expect(engine.start('one', null, { id: 'b' })).rejects.toMatchObject({ code: 'disk-full' })
  expect((await readFile(log(), 'utf8')).split('\n')).toHaveLength(2)
  await clock.advance(1000)
  await expect.poll(() => clock.waiting).toBe(1)
  isFull = false
  await clock.advance(1000)
  expect(await run.result()).toBe(1)
  expect(effects).toBe(1)
  await engine.close()
  expect((await launch(declare)).list()).toMatchObject([{ id: 'a', status: 'done', output: 1 }])
})

it('a body that changed fails its run instead of mixing two stories', async () => {
  const first = await launch((e) => e.workflow('w', (run) => run.step('old', () => 1).then(() => run.recv('go'))))
  for (const id of ['a', 'b']) await first.start('w', null, { id })
  await expect.poll(async () => (await readFile(log(), 'utf8')).split('"step"').length).toBe(3)
  await first.close()
  const again = await launch((e) =>
    e.workflow('w', async (run) => (run.id === 'b' ? 'nothing asked' : run.step('new', () => 2).catch(() => 'caught'))),
  )
  for (const id of ['a', 'b']) {
    const run = await again.start('w', null, { id })
    await expect(run.result()).rejects.toMatchObject({ code: 'nondeterministic-run', next: expect.any(String) })
  }
})

it('a crash in the middle of a cancellation leaves no grandchild that works on', async () => {
  const start = (run: string, parent?: string) =>
    renderEvent({ v: 1, type: 'start', run, name: 'waits', input: null, at: 1, ...(parent && { parent }) })
  await writeFile(
    log(),
    [start('p'), start('c', 'p'), start('g', 'c'), renderEvent({ v: 1, type: 'end', run: 'p', status: 'cancelled', at: 2 })].join(''),
  )
  const engine = await launch((e) => e.workflow('waits', async (run) => void (await run.recv('never'))))
  await expect.poll(() => engine.list().map(({ id, status }) => `${id} ${status}`)).toEqual(['p cancelled', 'c cancelled', 'g cancelled'])
})

it('keeps the sentences and facts of a failure', async () => {
  const failure = new Failure('no-worktree', 'It is gone', { facts: { path: '/x' }, safe: 'The branch.', next: 'Run again.' })
  const declare = (engine: Engine) => engine.workflow('fails', (run) => run.step('bad', () => Promise.reject<null>(failure)))
  const engine = await launch(declare)
  await expect((await engine.start('fails', null, { id: 'a' })).result()).rejects.toMatchObject({ ...failure })
  await engine.close()
  await expect((await (await launch(declare)).start('fails', null, { id: 'a' })).result()).rejects.toMatchObject({ ...failure })
})

describe('replay of any prefix', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const small = fc.nat(3)
  const event: fc.Arbitrary<JournalEvent> = fc.oneof(
    fc.record({ run: id, at: small }).map((e): JournalEvent => ({ v: 1, type: 'start', name: 'w', input: null, ...e })),
    fc.record({ run: id, at: small }).map((e): JournalEvent => ({ v: 1, type: 'begin', ...e })),
    fc
      .record({ run: id, seq: small, output: small, took: fc.constantFrom('k0', 'k1'), at: small })
      .map((e): JournalEvent => ({ v: 1, type: 'step', name: 's', ...e })),
    fc.record({ run: id, seq: small, until: small }).map((e): JournalEvent => ({ v: 1, type: 'wait', ...e })),
    fc
      .record({ run: id, key: fc.constantFrom('k0', 'k1'), body: small, at: small })
      .map((e): JournalEvent => ({ v: 1, type: 'message', topic: 't', ...e })),
    fc
      .record({ run: id, status: fc.constantFrom('done' as const, 'cancelled' as const), at: small })
      .map((e): JournalEvent => ({ v: 1, type: 'end', ...e })),
  )

  it('never throws, and what was a fact stays one', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const runs: Runs = new Map()
        for (const each of events) {
          const before = structuredClone(runs)
          const changed = applyEvent(runs, each)
          if (!changed) expect(runs).toEqual(before)
          for (const [run, old] of before) {
            const now = runs.get(run)
            if (old.end !== undefined) expect(now).toEqual(old)
            else if (now?.end === undefined) {
              for (const [seq, step] of old.steps) expect(now?.steps.get(seq)).toEqual(step)
              for (const [seq, until] of old.waits) expect(now?.waits.get(seq)).toBe(until)
              for (const key of now?.inbox.keys() ?? []) if (old.keys.has(key)) expect(old.inbox.has(key)).toBe(true)
            }
          }
        }
      }),
    )
  })

  it('a real journal cut at any byte goes on to the same end', { timeout: 60_000 }, async () => {
    const declare = (engine: Engine) => {
      engine.queue('q', { concurrency: 1 })
      engine.workflow<string, string>('child', (run, input) => run.step('work', () => input.toUpperCase()))
      engine.workflow('parent', async (run) => {
        const both = await Promise.all([run.call<string>('child', 'x', { queue: 'q' }), run.call<string>('child', 'y', { queue: 'q' })])
        await run.send('parent', 'self', both)
        return run.recv('self')
      })
    }
    const finish = async (engine: Engine) => (await engine.start('parent', null, { id: 'parent' })).result()
    const first = await launch(declare)
    expect(await finish(first)).toEqual(['X', 'Y'])
    await first.close()
    const whole = await readFile(log())
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        await writeFile(log(), whole.subarray(0, length))
        const engine = await launch(declare)
        expect(await finish(engine)).toEqual(['X', 'Y'])
        await engine.close()
      }),
      { numRuns: 40 },
    )
  })
})
