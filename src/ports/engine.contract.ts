import { afterEach, describe, expect, it } from 'vitest'
import { failureCode } from '../foundation/failure.ts'
import type { Engine, Json, Run } from './engine.ts'
import { Cancelled, EngineClosed } from './engine.ts'

export interface EngineUnderTest {
  /** The engine that is open now; not launched when it is new. */
  readonly engine: Engine
  /** Closes this engine and gives a new one on the same store, not launched. */
  relaunch(): Promise<Engine>
  /** Lets this much of the engine's time go by: a manual clock, or really waiting. */
  pass(ms: number): Promise<void>
  dispose(): Promise<void>
}

/** What every engine must do. */
export function engineContract(name: string, makeEngine: () => Promise<EngineUnderTest>): void {
  const open: EngineUnderTest[] = []
  const make = async (declare: (engine: Engine) => void) => {
    const made = await makeEngine()
    open.push(made)
    const launch = async (engine: Engine) => {
      declare(engine)
      await engine.launch()
      return engine
    }
    return { engine: await launch(made.engine), relaunch: async () => launch(await made.relaunch()), pass: made.pass.bind(made) }
  }
  afterEach(async () => void (await Promise.all(open.splice(0).map((made) => made.dispose()))))

  describe(`${name}: runs and steps`, () => {
    it('starts a run once per id, also at the same time, after its end and after a relaunch', async () => {
      let bodies = 0
      const { engine, relaunch } = await make((e) => e.workflow('once', async () => ++bodies))
      const both = await Promise.all([engine.start('once', null, { id: 'a' }), engine.start('once', null, { id: 'a' })])
      expect(await Promise.all(both.map((run) => run.result()))).toEqual([1, 1])
      expect(await (await engine.start('once', null, { id: 'a' })).result()).toBe(1)
      const again = await relaunch()
      expect(await (await again.start('once', 'other', { id: 'a' })).result()).toBe(1)
      expect(again.get('a')).toMatchObject({ id: 'a', name: 'once', input: null, status: 'done', output: 1 })
      expect(bodies).toBe(1)
    })

    it('replays finished steps after a relaunch, and goes on with the rest', async () => {
      const effects: string[] = []
      const { engine, relaunch } = await make((e) =>
        e.workflow('two', async (run) => {
          const first = await run.step('first', () => (effects.push('first'), 'x'))
          await run.recv('go')
          return run.step('second', () => (effects.push('second'), `${first}y`))
        }),
      )
      await engine.start('two', null, { id: 'r' })
      await expect.poll(() => effects).toEqual(['first'])
      const again = await relaunch()
      await again.send('r', 'go', null, 'k')
      expect(await (await again.start('two', null, { id: 'r' })).result()).toBe('xy')
      expect(effects).toEqual(['first', 'second'])
    })

    it('gives side-by-side steps their own results after a relaunch', async () => {
      const effects: string[] = []
      const branch = async (run: Run, id: string, gate: Promise<void>) => {
        await run.step(`${id}1`, async () => (await gate, effects.push(`${id}1`), null))
        return run.step(`${id}2`, () => (effects.push(`${id}2`), id))
      }
      const { engine, relaunch } = await make((e) =>
        e.workflow('fork', async (run) => {
          const { promise: late, resolve } = withResolver()
          const both = await Promise.all([branch(run, 'a', late), branch(run, 'b', Promise.resolve()).finally(resolve)])
          await run.recv('go')
          return both
        }),
      )
      await engine.start('fork', null, { id: 'r' })
      await expect.poll(() => effects).toEqual(['b1', 'b2', 'a1', 'a2'])
      const again = await relaunch()
      await again.send('r', 'go', null, 'k')
      expect(await (await again.start('fork', null, { id: 'r' })).result()).toEqual(['a', 'b'])
      expect(effects).toHaveLength(4)
    })

    it('records a failing step with its code and throws it again in a replay', async () => {
      let tries = 0
      const seen: unknown[] = []
      const { engine, relaunch } = await make((e) =>
        e.workflow('fails', async (run) => {
          const error: unknown = await run.step('bad', () => Promise.reject(new Error(`try ${++tries}`))).catch((e: unknown) => e)
          seen.push([failureCode(error), (error as Error).message])
          await run.recv('go')
          throw error
        }),
      )
      await engine.start('fails', null, { id: 'r' })
      await expect.poll(() => seen).toHaveLength(1)
      const again = await relaunch()
      await again.send('r', 'go', null, 'k')
      const result = (await again.start('fails', null, { id: 'r' })).result()
      await expect(result).rejects.toMatchObject({ code: 'unexpected-error', message: 'try 1' })
      expect(seen).toEqual([
        ['unexpected-error', 'try 1'],
        ['unexpected-error', 'try 1'],
      ])
      expect(again.get('r')).toMatchObject({ status: 'failed', failure: { code: 'unexpected-error', message: 'try 1' } })
    })

    it('takes JSON values only', async () => {
      const { engine } = await make((e) => {
        e.workflow('date', (run) => run.step('when', () => new Date() as unknown as Json))
        e.workflow('echo', async (_run, input) => input)
        e.workflow('nothing', (run) => run.step('nothing', () => undefined))
      })
      const value = { a: [1, null, 'ü\u2028', { b: true }], e: {} }
      expect(await (await engine.start('echo', value, { id: '1' })).result()).toEqual(value)
      await expect((await engine.start('date', null, { id: '2' })).result()).rejects.toMatchObject({ code: 'not-json' })
      await expect(engine.start('echo', Number.NaN, { id: '3' })).rejects.toMatchObject({ code: 'not-json' })
      expect(await (await engine.start('nothing', null, { id: '4' })).result()).toBeNull()
    })
  })

  describe(`${name}: messages`, () => {
    it('gives messages in order per topic, each once, repeated keys dropped', async () => {
      const { engine } = await make((e) =>
        e.workflow('reads', async (run) => {
          const got: Json[] = []
          for (let i = 0; i < 3; i++) got.push(await run.recv('a'))
          return [...got, await run.recv('b')]
        }),
      )
      const run = await engine.start('reads', null, { id: 'r' })
      await engine.send('r', 'b', 'b1', 'kb')
      for (const [body, key] of [
        [1, 'k1'],
        [2, 'k2'],
        [1, 'k1'],
        [3, 'k3'],
      ] as const)
        await engine.send('r', 'a', body, key)
      expect(await run.result()).toEqual([1, 2, 3, 'b1'])
    })

    it('keeps a message for a run that waits only after a relaunch', async () => {
      const { engine, relaunch } = await make((e) => e.workflow('two', async (run) => [await run.recv('t'), await run.recv('t')]))
      await engine.start('two', null, { id: 'r' })
      await engine.send('r', 't', 'early', 'k1')
      const again = await relaunch()
      await again.send('r', 't', 'early', 'k1')
      await again.send('r', 't', 'late', 'k2')
      expect(await (await again.start('two', null, { id: 'r' })).result()).toEqual(['early', 'late'])
    })

    it('refuses an unknown run, from outside and from a run', async () => {
      const { engine } = await make((e) => e.workflow('sends', (run) => run.send('nobody', 't', 1)))
      await expect(engine.send('nobody', 't', 1, 'k')).rejects.toMatchObject({ code: 'unknown-run' })
      await expect(engine.cancel('nobody')).rejects.toMatchObject({ code: 'unknown-run' })
      await expect((await engine.start('sends', null, { id: 's' })).result()).rejects.toMatchObject({ code: 'unknown-run' })
    })

    it('gives null after the timeout, counted from the first time over a relaunch', async () => {
      let reached = 0
      const { engine, relaunch, pass } = await make((e) =>
        e.workflow('waits', async (run) => {
          // The step behind the wait runs only when the wait was recorded before it.
          const mark = () => run.step('mark', () => null).then(() => run.step('reached', () => void reached++))
          const [got] = await Promise.all([run.recv('t', 1000), mark()])
          return { got }
        }),
      )
      await engine.start('waits', null, { id: 'r' })
      await engine.start('waits', null, { id: 'other' })
      await expect.poll(() => reached).toBe(2)
      await pass(600)
      const again = await relaunch()
      await again.send('other', 't', 'in time', 'k')
      await pass(600)
      expect(await (await again.start('waits', null, { id: 'r' })).result()).toEqual({ got: null })
      expect(await (await again.start('waits', null, { id: 'other' })).result()).toEqual({ got: 'in time' })
    })
  })

  describe(`${name}: queues, children, ends`, () => {
    const gated = (engine: Engine, order: string[]) =>
      engine.workflow('gated', async (run) => {
        await run.step('enter', () => void order.push(run.id))
        await run.recv('go')
      })

    it('caps a queue, lets the higher priority go first, and heeds a new cap', async () => {
      const order: string[] = []
      const { engine } = await make((e) => {
        gated(e, order)
        e.queue('q', { concurrency: 1 })
      })
      for (const [id, priority] of [
        ['a', 0],
        ['b', 0],
        ['c', 5],
        ['d', 0],
      ] as const)
        await engine.start('gated', null, { id, queue: 'q', priority })
      await expect.poll(() => order).toEqual(['a'])
      expect(['a', 'b', 'c', 'd'].map((id) => engine.get(id)?.status)).toEqual(['running', 'queued', 'queued', 'queued'])
      await engine.send('a', 'go', null, 'k')
      await expect.poll(() => order).toEqual(['a', 'c'])
      engine.queue('q', { concurrency: 2 })
      await expect.poll(() => order).toEqual(['a', 'c', 'b'])
      await engine.cancel('d')
      for (const id of ['b', 'c']) await engine.send(id, 'go', null, 'k')
      await expect.poll(() => engine.list().map((run) => run.status)).toEqual(['done', 'done', 'done', 'cancelled'])
    })

    it('a run that had begun keeps its place over a relaunch', async () => {
      const order: string[] = []
      const { engine, relaunch } = await make((e) => {
        e.workflow('gated', (run) => run.step('enter', (signal) => (order.push(run.id), untilAborted(signal))))
        e.queue('q', { concurrency: 1 })
      })
      await engine.start('gated', null, { id: 'a', queue: 'q' })
      await engine.start('gated', null, { id: 'b', queue: 'q', priority: 9 })
      await expect.poll(() => order).toEqual(['a'])
      const again = await relaunch()
      await expect.poll(() => order).toEqual(['a', 'a'])
      expect(again.get('b')?.status).toBe('queued')
    })

    it('calls children, also through a queue, and gives their output and failure', async () => {
      const { engine } = await make((e) => {
        e.queue('q', { concurrency: 1 })
        e.workflow<number, number>('double', (run, n) => run.step('double', () => (n < 0 ? Promise.reject(new Error('negative')) : n * 2)))
        e.workflow('parent', async (run) => {
          const all = await Promise.all([1, 2, 3].map((n) => run.call<number>('double', n, { queue: 'q' })))
          const failed: unknown = await run.call('double', -1, { id: 'own-id' }).catch((e: unknown) => e)
          return [...all, (failed as Error).message]
        })
      })
      expect(await (await engine.start('parent', null, { id: 'p' })).result()).toEqual([2, 4, 6, 'negative'])
      expect(engine.list().map((run) => run.id)).toEqual(['p', 'p/double.1', 'p/double.2', 'p/double.3', 'own-id'])
    })

    it('cancel aborts the running step and the children, for good', async () => {
      const aborted: string[] = []
      const { engine, relaunch } = await make((e) => {
        e.workflow('child', (run) => run.step('work', (signal) => untilAborted(signal).finally(() => aborted.push(run.id))))
        e.workflow('parent', async (run) => void (await run.call('child', null)))
      })
      const parent = await engine.start('parent', null, { id: 'p' })
      await expect.poll(() => engine.get('p/child.1')?.status).toBe('running')
      await engine.cancel('p')
      await expect(parent.result()).rejects.toBeInstanceOf(Cancelled)
      await expect.poll(() => aborted).toEqual(['p/child.1'])
      await engine.cancel('p')
      const again = await relaunch()
      expect(again.list().map((run) => run.status)).toEqual(['cancelled', 'cancelled'])
      expect(aborted).toHaveLength(1)
    })

    it('cancel comes back when nothing of the run works any more', async () => {
      const { promise, resolve } = withResolver()
      const order: string[] = []
      const { engine } = await make((e) => {
        e.workflow('deaf', (run) => run.step('work', () => promise.then(() => order.push('worked'))))
        e.workflow('parent', async (run) => void (await run.call('deaf', null)))
      })
      await engine.start('parent', null, { id: 'p' })
      await expect.poll(() => engine.get('p/deaf.1')?.status).toBe('running')
      const cancelled = engine.cancel('p').then(() => order.push('cancelled'))
      await expect.poll(() => engine.get('p/deaf.1')?.status).toBe('cancelled')
      await new Promise((soon) => setImmediate(soon))
      resolve()
      await cancelled
      expect(order).toEqual(['worked', 'cancelled'])
    })

    it('a run that fails takes the children along that it did not wait for, and their places in queues', async () => {
      const { engine, relaunch } = await make((e) => {
        e.queue('q', { concurrency: 1 })
        e.workflow('child', async (run) => void (await run.recv('never')))
        e.workflow('parent', async (run) => {
          for (const id of ['c1', 'c2']) run.call('child', null, { id, queue: 'q' }).catch(() => undefined)
          await run.recv('fail')
          throw new Error('it broke')
        })
        e.workflow('other', async () => 'had a place')
      })
      const parent = await engine.start('parent', null, { id: 'p' })
      await expect.poll(() => engine.get('c1')?.status).toBe('running')
      await engine.send('p', 'fail', null, 'k')
      await expect(parent.result()).rejects.toThrow('it broke')
      expect(await (await engine.start('other', null, { id: 'o', queue: 'q' })).result()).toBe('had a place')
      const again = await relaunch()
      expect(again.list().map(({ id, status }) => `${id} ${status}`)).toEqual(['p failed', 'c1 cancelled', 'c2 cancelled', 'o done'])
    })

    it('close aborts running steps without recording them; the next launch runs them again', async () => {
      const reasons: unknown[] = []
      let tries = 0
      const { engine, relaunch } = await make((e) =>
        e.workflow('long', (run) =>
          run.step('work', async (signal) => {
            if (++tries > 1) return 'finished'
            await untilAborted(signal).catch((reason: unknown) => reasons.push(reason))
            return 'too late'
          }),
        ),
      )
      const run = await engine.start('long', null, { id: 'r' })
      const result = expect(run.result()).rejects.toBeInstanceOf(EngineClosed)
      await expect.poll(() => tries).toBe(1)
      const again = await relaunch()
      await result
      expect(reasons).toEqual([expect.any(EngineClosed)])
      expect(await (await again.start('long', null, { id: 'r' })).result()).toBe('finished')
      await again.close()
      await expect(again.start('long', null, { id: 'x' })).rejects.toBeInstanceOf(EngineClosed)
    })
  })
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
