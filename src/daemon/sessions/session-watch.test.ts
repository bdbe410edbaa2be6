import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SessionEvent, TurnOutcome } from '../../domain/sessions/session-event.ts'
import type { AgentSession } from '../../ports/agent.ts'
import type { News } from '../../workflows/news.ts'
import { SessionWatch, type Budget } from './session-watch.ts'

const STALL_MS = 1000
const started: SessionEvent = { type: 'turn-started', at: 10 }
const completed: SessionEvent = turnEnded({ kind: 'completed', text: '' })

test('replayed in whatever pieces, a record gives the same news under the same keys', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...everything()), { maxLength: 30 }), fc.array(fc.nat(30)), async (record, cuts) => {
      const more = { sent: ['m'], budget: { usd: 1, spentBefore: () => 0 } }
      const whole = await Scene.watching(record, more).told()
      const inPieces = Scene.watching([], more)
      for (const piece of pieces(record, cuts)) inPieces.happens(...piece)
      expect(await inPieces.told()).toEqual(whole)
      const keys = whole.map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
    }),
  )
})

test('a turn ends when no sub-agent works on', async () => {
  const scene = Scene.watching([started, { type: 'subagents', at: 20, running: 1 }, completed])
  expect(await scene.told()).toEqual([])
  scene.happens({ type: 'subagents', at: 40, running: 0 }, started, completed)
  expect(await scene.told()).toEqual([{ key: '5', news: ended({ kind: 'completed', text: '' }) }])
})

test('a turn ends when what the session was sent has been read', async () => {
  const scene = Scene.watching([started, completed], { sent: ['m'] })
  expect(await scene.told()).toEqual([])
  scene.happens({ type: 'message-received', at: 40, messageId: 'm' }, started, completed)
  expect(await scene.told()).toEqual([{ key: '4', news: ended({ kind: 'completed', text: '' }, ['m']) }])
})

test('a turn that did not complete is told at once', async () => {
  const scene = Scene.watching([{ type: 'subagents', at: 5, running: 1 }, started, turnEnded({ kind: 'interrupted' })], { sent: ['m'] })
  expect(await scene.told()).toEqual([{ key: '2', news: ended({ kind: 'interrupted' }) }])
})

test('what the agent declared comes before the end of its turn, and the end of the process after it', async () => {
  const scene = Scene.watching([started, completed, { type: 'exited', at: 50, exit: { kind: 'code', code: 0 } }])
  await scene.told()
  expect(scene.order).toEqual(['before turn end', 'turn-ended', 'exited'])
})

test('silence is told when it has lasted, and again when it has lasted as long again', async () => {
  const scene = Scene.watching([started])
  scene.looks(10 + STALL_MS - 1)
  expect(await scene.told()).toEqual([])
  for (const after of [STALL_MS, STALL_MS + 1, 2 * STALL_MS]) scene.looks(10 + after)
  expect(await scene.keys()).toEqual(['stalled@1.1', 'stalled@1.1', 'stalled@1.2'])
  scene.happens({ type: 'text', at: 5000, text: 'here' })
  scene.looks(5000 + STALL_MS - 1)
  scene.looks(5000 + STALL_MS)
  expect(await scene.keys()).toEqual(['stalled@1.1', 'stalled@1.1', 'stalled@1.2', 'stalled@2.1'])
})

test('a process that never said a word is silent since it was opened', async () => {
  const scene = Scene.watching([], { now: 500 })
  scene.looks(500 + STALL_MS - 1)
  expect(await scene.keys()).toEqual([])
  scene.looks(500 + STALL_MS)
  expect(await scene.keys()).toEqual(['stalled@0.1'])
})

const request = { id: 'r', tool: 'Bash', summary: 'ls', at: 20 }
test.each<[string, SessionEvent[]]>([
  ['idle', [started, completed]],
  ['waiting for a person', [started, { type: 'permission-asked', at: 20, request }]],
  ['limited', [started, { type: 'limit', at: 20, resetsAt: 90_000 }, turnEnded({ kind: 'usage-limit', resetsAt: 90_000 })]],
  ['gone', [started, { type: 'exited', at: 20, exit: { kind: 'lost' } }]],
])('silence is in order while the session is %s', async (_state, record) => {
  const scene = Scene.watching(record)
  scene.looks(50_000)
  expect((await scene.keys()).filter((key) => key.startsWith('stalled'))).toEqual([])
})

test('silence is counted from when the model is to be asked again', async () => {
  const scene = Scene.watching([started, { type: 'retrying', at: 20, cause: 'overloaded', attempt: 1, delayMs: 7000 }])
  scene.looks(7020 + STALL_MS - 1)
  expect(await scene.keys()).toEqual([])
  scene.looks(7020 + STALL_MS)
  expect(await scene.keys()).toEqual(['stalled@2.1'])
})

test('a message that an idle session does not read is silence', async () => {
  const scene = Scene.watching([started, { type: 'subagents', at: 20, running: 0 }, turnEnded({ kind: 'interrupted' })], { sent: ['m'] })
  scene.looks(50_000)
  expect((await scene.told()).map(({ news }) => news.kind)).toEqual(['turn-ended', 'stalled'])
})

test('sub-agents that ended and woke nobody: then the turn was over, and that is told once', async () => {
  const scene = Scene.watching([started, { type: 'subagents', at: 20, running: 1 }, completed, { type: 'subagents', at: 40, running: 0 }])
  scene.looks(40 + STALL_MS - 1)
  expect(await scene.told()).toEqual([])
  scene.looks(40 + STALL_MS)
  scene.looks(40 + 5 * STALL_MS)
  expect(await scene.told()).toEqual([{ key: '2 after silence', news: ended({ kind: 'completed', text: '' }) }])
})

test('every whole multiple of the budget is told once, with what earlier processes spent', async () => {
  const scene = Scene.watching([], { budget: { usd: 1, spentBefore: () => 10 } })
  scene.happens(spends('a', 0.9))
  expect(await scene.told()).toEqual([])
  scene.happens(spends('b', 0.1))
  scene.happens(spends('c', 0.5))
  expect(await scene.told()).toEqual([{ key: 'over-budget.1', news: { kind: 'over-budget', process: '1.1', costUsd: 11 } }])
  scene.happens(spends('d', 0.5))
  scene.happens(spends('e', 2))
  expect(await scene.keys()).toEqual(['over-budget.1', 'over-budget.2', 'over-budget.4'])
})

test('what was spent is told before the end of the process, also when both are read at once', async () => {
  const budget = { usd: 1, spentBefore: () => 0 }
  const scene = Scene.watching([spends('a', 5), { type: 'exited', at: 50, exit: { kind: 'lost' } }], { budget })
  expect(await scene.keys()).toEqual(['over-budget.5', '1'])
})

test.each([
  ['a program that took what it was sent as a file has ended its turn when it ends', ['m'], ['turn-ended', 'exited']],
  ['one that did not has not', [], ['exited']],
])('%s', async (_what, filing, told) => {
  const scene = Scene.watching([], { sent: ['m'] })
  scene.filing.push(...filing)
  scene.happens(started, completed, { type: 'exited', at: 50, exit: { kind: 'code', code: 0 } })
  expect((await scene.told()).map(({ news }) => news.kind)).toEqual(told)
  expect((await scene.told()).flatMap(({ news }) => (news.kind === 'turn-ended' ? news.heard : []))).toEqual(filing)
})

class Scene {
  readonly order: string[] = []
  /** What the program takes from its inbox before its end is told. */
  readonly filing: string[] = []
  readonly filed = new Set<string>()
  readonly #told: { key: string; news: News }[] = []
  readonly #watch: SessionWatch
  #listener: (fresh: readonly SessionEvent[]) => void = () => undefined

  static watching(record: readonly SessionEvent[], more: { sent?: string[]; budget?: Budget; now?: number } = {}): Scene {
    return new Scene(record, more)
  }

  private constructor(record: readonly SessionEvent[], { sent = [], budget, now = 0 }: { sent?: string[]; budget?: Budget; now?: number }) {
    const session: Pick<AgentSession, 'events' | 'onEvents'> = {
      events: record,
      onEvents: (listener) => {
        this.#listener = listener
        return () => undefined
      },
    }
    this.#watch = new SessionWatch({
      session: session as AgentSession,
      process: '1.1',
      handed: { sent: new Set(sent), filed: this.filed },
      budget,
      now,
      listener: {
        news: async (news, key) => {
          this.order.push(news.kind)
          this.#told.push({ key, news })
        },
        beforeTurnEnd: async () => {
          this.order.push('before turn end')
          for (const id of this.filing) this.filed.add(id)
        },
        event: () => undefined,
        changed: () => undefined,
      },
    })
  }

  happens(...events: readonly SessionEvent[]): void {
    this.#listener(events)
  }

  looks(now: number): void {
    this.#watch.checkSilence(now, STALL_MS)
  }

  async told(): Promise<readonly { key: string; news: News }[]> {
    await this.#watch.settled()
    return this.#told
  }

  async keys(): Promise<string[]> {
    return (await this.told()).map(({ key }) => key)
  }
}

function everything(): SessionEvent[] {
  return [
    started,
    completed,
    turnEnded({ kind: 'interrupted' }),
    turnEnded({ kind: 'model-failed', cause: 'server', message: '' }),
    { type: 'subagents', at: 20, running: 1 },
    { type: 'subagents', at: 21, running: 0 },
    { type: 'message-received', at: 22, messageId: 'm' },
    { type: 'text', at: 23, text: '' },
    spends('a', 0.6),
    spends('b', 0.7),
    spends('c', 2),
    { type: 'exited', at: 50, exit: { kind: 'lost' } },
  ]
}

function pieces<T>(all: readonly T[], cuts: readonly number[]): T[][] {
  const edges = [0, ...cuts.filter((cut) => cut < all.length).toSorted((a, b) => a - b), all.length]
  return edges.slice(1).map((edge, at) => all.slice(edges[at], edge))
}

function turnEnded(outcome: TurnOutcome): SessionEvent {
  return { type: 'turn-ended', at: 30, outcome }
}

function ended(outcome: TurnOutcome, heard: readonly string[] = []): News {
  return { kind: 'turn-ended', process: '1.1', outcome, heard }
}

/** An unknown model costs five dollars for a million tokens read. */
function spends(messageId: string, usd: number): SessionEvent {
  const usage = { inputTokens: usd * 200_000, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 }
  return { type: 'usage', at: 20, messageId, model: 'unheard-of', usage }
}
