import { expect, test } from 'vitest'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import type { AgentSession } from '../../ports/agent.ts'
import type { News } from '../../workflows/news.ts'
import { SessionWatch } from './session-watch.ts'

const STALL_MS = 300_000
const LOOK_MS = 30_000

test('a session is silent for as long as it was looked at, not for as long as the clock was moved', async () => {
  const scene = new Scene()
  await scene.look(2)
  scene.now += 24 * 3600_000 // the machine slept
  await scene.look(5)
  expect(scene.told).toEqual([])
  await scene.look(4)
  expect(scene.told).toEqual(['stalled'])
})

test('a clock that is set back neither hides a silence nor makes one of what is said', async () => {
  const scene = new Scene()
  await scene.look(5)
  scene.now -= 24 * 3600_000
  await scene.look(4)
  expect(scene.told).toEqual([])
  scene.say({ type: 'text', at: scene.now, text: 'still here' })
  await scene.look(9)
  expect(scene.told).toEqual([])
  await scene.look(4)
  expect(scene.told).toEqual(['stalled'])
})

class Scene {
  now = Date.UTC(2026, 0, 1)
  readonly told: News['kind'][] = []
  readonly #watch: SessionWatch
  #listen: (fresh: readonly SessionEvent[]) => void = () => undefined

  constructor() {
    const onEvents = (listener: (fresh: readonly SessionEvent[]) => void) => ((this.#listen = listener), () => undefined)
    const session = {
      events: [
        { type: 'started', at: this.now },
        { type: 'turn-started', at: this.now },
      ],
      onEvents,
    } as unknown as AgentSession
    // The run hears a key once.
    const keys = new Set<string>()
    const news = async ({ kind }: News, key: string): Promise<void> => void (keys.has(key) || this.told.push(kind), keys.add(key))
    const listener = { news, beforeTurnEnd: async () => undefined, event: () => undefined, changed: () => undefined }
    this.#watch = new SessionWatch({
      session,
      process: '1.1',
      handed: { sent: new Set(), filed: new Set() },
      listener,
      budget: undefined,
      now: this.now,
    })
  }

  say(event: SessionEvent): void {
    this.#listen([event])
  }

  async look(times: number): Promise<void> {
    for (let left = times; left > 0; left -= 1) this.#watch.checkSilence((this.now += LOOK_MS), STALL_MS)
    await this.#watch.settled()
  }
}
