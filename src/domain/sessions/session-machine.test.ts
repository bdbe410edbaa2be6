import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokensByModel } from './cost-ledger.ts'
import { costUsd, priceOf } from './prices.ts'
import type { SessionEvent, TokenUsage } from './session-event.ts'
import { evolve, initialFacts, isSettled } from './session-machine.ts'
import { openRequests } from './session-phase.ts'

const at = fc.nat(1_000_000)
const id = fc.constantFrom('a', 'b', 'c', '__proto__')
const usage: fc.Arbitrary<TokenUsage> = fc.record({
  inputTokens: fc.nat(1000),
  outputTokens: fc.nat(1000),
  cacheReadTokens: fc.nat(1000),
  cacheCreationTokens: fc.nat(1000),
})
const model = fc.constantFrom('claude-opus-5-5', 'claude-haiku-5-5', 'unheard-of')
const of = <T extends SessionEvent['type']>(type: T) => fc.constant(type)
const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.record({ type: of('started'), at }),
  fc.record({ type: of('turn-started'), at }),
  fc.record({ type: of('message-received'), at, messageId: id }),
  fc.record({ type: of('text'), at, text: fc.string() }),
  fc.record({ type: of('tool-started'), at, toolUseId: id, tool: fc.constant('Bash'), summary: fc.string() }),
  fc.record({ type: of('tool-ended'), at, toolUseId: id, isError: fc.boolean() }),
  fc.record({ type: of('subagents'), at, running: fc.integer({ min: -1, max: 3 }) }),
  fc.record({ type: of('permission-asked'), at, request: fc.record({ id, tool: fc.constant('Bash'), summary: fc.string(), at }) }),
  fc.record({ type: of('permission-answered'), at, requestId: id }),
  fc.record({ type: of('usage'), at, messageId: id, model, usage }),
  fc.record({ type: of('usage-total'), at, model, usage }),
  fc.record({ type: of('retrying'), at, cause: fc.constant('overloaded' as const), attempt: fc.nat(10), delayMs: fc.nat(9999) }),
  fc.record({ type: of('limit'), at, resetsAt: at }),
  fc.record({
    type: of('turn-ended'),
    at,
    outcome: fc.constantFrom({ kind: 'interrupted' as const }, { kind: 'usage-limit' as const, resetsAt: undefined }),
  }),
  fc.record({ type: of('alive'), at }),
  fc.record({ type: of('exited'), at, exit: fc.constant({ kind: 'lost' as const }) }),
)
const events = fc.array(event, { maxLength: 40 })
const replay = (list: readonly SessionEvent[], from = initialFacts()) => list.reduce(evolve, from)

describe('any order of events', () => {
  test('gives the same facts every time', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(replay(list)).toEqual(replay(list))
      }),
    )
  })

  test('leaves open what was asked and not answered', () => {
    fc.assert(
      fc.property(events, (list) => {
        const asked = new Set(list.flatMap((one) => (one.type === 'permission-asked' ? [one.request.id] : [])))
        const answered = new Set(list.flatMap((one) => (one.type === 'permission-answered' ? [one.requestId] : [])))
        const open = openRequests(replay(list)).map((request) => request.id)
        expect(new Set(open)).toEqual(new Set([...asked].filter((one) => !answered.has(one))))
      }),
    )
  })

  test('never shows work after the exit, whatever still arrives', () => {
    fc.assert(
      fc.property(events, events, (before, after) => {
        const exited = replay([...before, { type: 'exited', at: 5, exit: { kind: 'code', code: 0 } }, ...after])
        expect(exited.phase.kind).toBe('exited')
      }),
    )
  })

  test('counts nothing twice when the record is read again', () => {
    fc.assert(
      fc.property(events, (list) => {
        const once = replay(list)
        expect(costUsd(replay(list, once).ledger)).toBe(costUsd(once.ledger))
      }),
    )
  })

  test('never spends less for knowing more', () => {
    fc.assert(
      fc.property(events, id, model, usage, (list, messageId, name, used) => {
        const before = replay(list)
        if (before.ledger.messages.has(messageId)) return
        const after = evolve(before, { type: 'usage', at: 1, messageId, model: name, usage: used })
        expect(costUsd(after.ledger)).toBeGreaterThanOrEqual(costUsd(before.ledger))
      }),
    )
  })
})

test('what was spent is the same sum in any order', () => {
  const tokens = (outputTokens: number) => ({ inputTokens: 0, outputTokens, cacheReadTokens: 0, cacheCreationTokens: 0 })
  const used = [
    ['unheard-of', { ...tokens(113), cacheReadTokens: 159 }],
    ['claude-haiku-5-5', { inputTokens: 486, outputTokens: 833, cacheReadTokens: 952, cacheCreationTokens: 210 }],
    ['claude-opus-5-5', tokens(220)],
  ] as const
  const total = (order: typeof used | (typeof used)[number][]) =>
    costUsd(replay(order.map(([model, usage]) => ({ type: 'usage-total', at: 0, model, usage }))).ledger)
  expect(total([...used])).toBe(total(used.toReversed()))
  expect(total([...used])).toBe(total([used[1], used[0], used[2]]))
})

describe('idle', () => {
  const turn: SessionEvent[] = [
    { type: 'started', at: 1 },
    { type: 'turn-started', at: 1 },
    { type: 'message-received', at: 2, messageId: 'm1' },
  ]
  const ended: SessionEvent = { type: 'turn-ended', at: 9, outcome: { kind: 'completed', text: '' } }

  test('is not yet there while a subagent works behind the ended turn', () => {
    const facts = replay([...turn, { type: 'subagents', at: 3, running: 1 }, ended])
    expect(facts.phase).toMatchObject({ kind: 'working' })
    expect(replay([{ type: 'subagents', at: 12, running: 0 }], facts).phase).toEqual({ kind: 'idle', since: 12 })
  })

  test('is not settled while a message was handed over and not read', () => {
    const facts = replay([...turn, ended])
    expect(facts.phase).toEqual({ kind: 'idle', since: 9 })
    expect(isSettled(facts, ['m1'])).toBe(true)
    expect(isSettled(facts, ['m1', 'm2'])).toBe(false)
  })
})

describe('phases', () => {
  test('a limit holds until the next turn begins', () => {
    const limited = replay([
      { type: 'turn-started', at: 1 },
      { type: 'limit', at: 2, resetsAt: 99 },
      { type: 'turn-ended', at: 3, outcome: { kind: 'usage-limit', resetsAt: undefined } },
    ])
    expect(limited.phase).toEqual({ kind: 'limited', resetsAt: 99 })
    expect(evolve(limited, { type: 'turn-started', at: 100 }).phase.kind).toBe('working')
  })

  test('an answer of the model ends the retrying', () => {
    const retrying = replay([
      { type: 'turn-started', at: 1 },
      { type: 'retrying', at: 10, cause: 'overloaded', attempt: 2, delayMs: 500 },
    ])
    expect(retrying.phase).toEqual({ kind: 'retrying', cause: 'overloaded', attempt: 2, until: 510 })
    expect(evolve(retrying, { type: 'text', at: 600, text: 'x' }).phase.kind).toBe('working')
  })

  test('a permission question is seen before everything but the exit', () => {
    const asked = replay([
      { type: 'turn-started', at: 1 },
      { type: 'tool-started', at: 2, toolUseId: 't', tool: 'Bash', summary: 'npm i' },
      { type: 'permission-asked', at: 3, request: { id: 'p', tool: 'Bash', summary: 'npm i', at: 3 } },
    ])
    expect(asked.phase).toMatchObject({ kind: 'waiting-for-permission', since: 3 })
    expect(evolve(asked, { type: 'permission-answered', at: 4, requestId: 'p' }).phase).toMatchObject({
      kind: 'working',
      tool: { summary: 'npm i' },
    })
  })
})

describe('money', () => {
  const used: TokenUsage = { inputTokens: 100, outputTokens: 30, cacheReadTokens: 50, cacheCreationTokens: 20 }

  test.each([
    ['claude-opus-5-5', 0.00111],
    ['claude-sonnet-5-5', 0.000555],
    ['claude-haiku-5-5', 0.000028],
    ['claude-opus-4-8', 0.0014],
    ['never-heard-of', 0.0014],
  ])('%s costs what its own binary says', (name, usd) => {
    expect(priceOf(name, used)).toBeCloseTo(usd, 9)
  })

  test('the total corrects the output tokens that the messages do not carry', () => {
    const facts = replay([
      { type: 'usage', at: 1, messageId: 'a', model: 'm', usage: { ...used, outputTokens: 1 } },
      { type: 'usage-total', at: 2, model: 'm', usage: used },
    ])
    expect(tokensByModel(facts.ledger).get('m')).toEqual(used)
  })
})
