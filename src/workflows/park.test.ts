import { expect, test } from 'vitest'
import { testEngine } from '../../test/support/engine.ts'
import { until } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { temporaryFolder } from '../../test/support/temporary.ts'
import type { Stage } from '../domain/tasks/stage.ts'
import type { Engine } from '../ports/engine.ts'
import { TaskLife } from './life/task-life.ts'
import { NEWS, type News } from './news.ts'
import { park } from './park.ts'
import type { Services } from './services.ts'
import type { TaskInput } from './task-input.ts'

const INPUT = { handle: 'app.a', branch: 'feature/a', task: { id: 'a', needs: [] }, settings: {} } as unknown as TaskInput
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

test('a task goes on by itself at the time that was said, and keeps its process over a short wait', async () => {
  const scene = await Scene.parkedFor(4 * MINUTE_MS)
  expect(scene.stages).toMatchObject([{ kind: 'parked', reason: 'usage limit reached; goes on at 00:04:00 UTC' }])
  await scene.clock.advance(4 * MINUTE_MS - 1)
  expect(scene.outcome).toBeUndefined()
  await scene.clock.advance(1)
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
  expect(scene.stops).toBe(0)
})

test('the process is not kept over a long wait', async () => {
  const scene = await Scene.parkedFor(6 * MINUTE_MS)
  expect(scene.stops).toBe(1)
})

test('a limit that is said to be gone is asked again soon, not at once', async () => {
  const scene = await Scene.parkedFor(-DAY_MS)
  await scene.clock.advance(9000)
  expect(scene.outcome).toBeUndefined()
  await scene.clock.advance(1000)
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
})

test('a clock that is set on ends the wait earlier', async () => {
  const scene = await Scene.parkedFor(DAY_MS)
  scene.clock.jump(DAY_MS)
  await scene.clock.advance(MINUTE_MS)
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
})

test.each([
  ['without a word', false],
  ['also when a message comes meanwhile', true],
])('a clock that is set back does not draw the wait out, %s', async (_how, isSpokenTo) => {
  const scene = await Scene.parkedFor(60 * MINUTE_MS)
  await scene.clock.advance(30 * MINUTE_MS)
  scene.clock.jump(-DAY_MS)
  if (isSpokenTo) await scene.isToldMeanwhile('hello')
  await scene.clock.advance(60 * MINUTE_MS)
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
})

test('a restart goes on with the wait that was begun', async () => {
  const scene = await Scene.parkedFor(60 * MINUTE_MS)
  await scene.clock.advance(59 * MINUTE_MS)
  await scene.relaunch()
  expect(scene.outcome).toBeUndefined()
  await scene.clock.advance(MINUTE_MS)
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
})

test('a word to resume ends the wait, passes the gate, and brings what was said meanwhile', async () => {
  const scene = await Scene.parkedFor(DAY_MS)
  await scene.tell({ kind: 'message', id: 'm', text: 'hello', when: 'steer' })
  await scene.tell({ kind: 'merge', merge: 'too early' })
  await scene.tell({ kind: 'resume' })
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
  expect(scene.kept).toEqual(['hello'])
  expect(scene.hold).toBeUndefined()
  expect(scene.refused).toEqual(['too early'])
})

test.each(['pause', 'stop'] as const)('a word to %s holds it until a person says otherwise', async (kind) => {
  const scene = await Scene.parkedFor(4 * MINUTE_MS)
  await scene.tell({ kind })
  await until(() => scene.stages.at(-1)?.kind === 'paused', { what: 'the pause' })
  expect(scene.stops).toBe(kind === 'stop' ? 1 : 0)
  await scene.clock.advance(DAY_MS)
  expect(scene.outcome).toBeUndefined()
  await scene.tell({ kind: 'resume' })
  expect(await scene.ended()).toEqual({ kind: 'go-on' })
})

class Scene {
  readonly clock = new ManualClock()
  readonly stages: Stage[] = []
  readonly refused: string[] = []
  stops = 0
  readonly kept: string[] = []
  /** What the model's gate was found to say afterwards: nothing, where it was passed. */
  hold: unknown
  outcome: unknown
  readonly #folder = temporaryFolder()
  #engine = this.#newEngine()
  #looks = 0
  #count = 0

  /** A run that parks at once, until then; in a clock that stands at midnight. */
  static async parkedFor(ms: number): Promise<Scene> {
    const scene = new Scene()
    await scene.#launch()
    await scene.#engine.start('parks', scene.clock.now() + ms, { id: 'run' })
    await until(() => scene.clock.waiting > 0, { what: 'the wait' })
    return scene
  }

  async relaunch(): Promise<void> {
    await this.#engine.close()
    this.#engine = this.#newEngine()
    await this.#launch()
    await until(() => this.clock.waiting > 0, { what: 'the wait again' })
  }

  tell(news: News): Promise<void> {
    return this.#engine.send('run', NEWS, news, `news ${(this.#count += 1)}`)
  }

  /** Until the task has read it and waits again. */
  async isToldMeanwhile(text: string): Promise<void> {
    const before = this.#looks
    await this.tell({ kind: 'message', id: text, text, when: 'steer' })
    await until(() => this.#looks > before && this.clock.waiting > 0, { what: 'the wait again' })
  }

  async ended(): Promise<unknown> {
    await until(() => this.outcome !== undefined, { what: 'the end of the wait' })
    return this.outcome
  }

  #newEngine(): Engine {
    return testEngine(this.#folder, this.clock)
  }

  async #launch(): Promise<void> {
    this.#engine.workflow('parks', async (run, at: number) => {
      const life = new TaskLife(run, INPUT, this.#services())
      const answer = await park(life, { kind: 'limited', until: at, reason: 'usage limit reached', prompt: 'go on' })
      for (let kept = life.mailbox.takeKept(); kept !== undefined; kept = life.mailbox.takeKept()) this.kept.push(kept.text)
      this.hold = await life.modelHold('go on')
      this.outcome = answer
    })
    await this.#engine.launch()
  }

  #services(): Services {
    const services = {
      now: () => ((this.#looks += 1), this.clock.now()),
      sessions: { stop: async () => void (this.stops += 1) },
      roster: { setStage: (_input: TaskInput, stage: Stage) => this.stages.push(stage) },
      merges: { report: (merge: string) => this.refused.push(merge) },
      modelGate: { enter: async () => ({ until: this.clock.now() + DAY_MS, reason: 'asked' }) },
    }
    return services as unknown as Services
  }
}
