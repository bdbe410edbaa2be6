import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokensByModel } from '../../../domain/sessions/cost-ledger.ts'
import { costUsd } from '../../../domain/sessions/prices.ts'
import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { evolve, initialFacts } from '../../../domain/sessions/session-machine.ts'
import { openRequests } from '../../../domain/sessions/session-phase.ts'
import { RecordParser } from './parse-line.ts'

const versions = ['2.1.329', '2.1.197']
const linesOf = (version: string, name: string) =>
  readFileSync(new URL(`../../../../test/fixtures/claude/${version}/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
function parse(lines: readonly string[]): SessionEvent[] {
  const parser = new RecordParser()
  return lines.flatMap((line, index) => parser.parse(line, 1000 + index))
}
const factsOf = (events: readonly SessionEvent[]) => events.reduce(evolve, initialFacts())
const outcomes = (events: readonly SessionEvent[]) => events.flatMap((event) => (event.type === 'turn-ended' ? [event.outcome] : []))

describe.each(versions)('the record of Claude Code %s', (version) => {
  test('a turn with a tool, a second turn, and a message sent twice', () => {
    const events = parse(linesOf(version, 'tool'))
    const facts = factsOf(events)
    expect(facts.agentVersion).toBe(version)
    expect(outcomes(events)).toEqual([
      { kind: 'completed', text: 'Done.' },
      { kind: 'completed', text: 'Hello.' },
    ])
    expect([...facts.received]).toEqual(['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool-started', tool: 'Bash', summary: 'echo hi > f.txt; sleep 1; cat f.txt' }),
    )
    expect(facts.phase.kind).toBe('idle')
    expect(facts.tools.size).toBe(0)
  })

  test("the ledger agrees with the agent's own account", () => {
    const lines = linesOf(version, 'subagent')
    const facts = factsOf(parse(lines))
    const last = lines.map((line): Record<string, unknown> => JSON.parse(line)).findLast((line) => line.type === 'result')
    expect(costUsd(facts.ledger)).toBeCloseTo(Number(last?.total_cost_usd), 9)
    expect([...tokensByModel(facts.ledger).values()]).toEqual([
      { inputTokens: 500, outputTokens: 150, cacheReadTokens: 250, cacheCreationTokens: 100 },
    ])
  })

  test('a session is working while a background subagent is, result or not', () => {
    const kinds: string[] = []
    let facts = initialFacts()
    for (const event of parse(linesOf(version, 'subagent'))) {
      facts = evolve(facts, event)
      if (event.type === 'turn-ended') kinds.push(facts.phase.kind)
    }
    expect(kinds).toEqual(['working', 'idle'])
  })

  test('questions are asked, answered and withdrawn', () => {
    const events = parse(linesOf(version, 'permissions'))
    const asked = events.flatMap((event) => (event.type === 'permission-asked' ? [event.request.summary] : []))
    expect(asked).toEqual(['npm --version > asked.txt', 'Which color?'])
    expect(openRequests(factsOf(events))).toEqual([])
    expect(outcomes(events).map((outcome) => outcome.kind)).toEqual(['completed', 'interrupted', 'interrupted'])
  })

  test('a refused login ends the turn at the first refusal', () => {
    const events = parse(linesOf(version, 'unauthenticated'))
    const first = events.findIndex((event) => event.type === 'turn-ended')
    expect(events[first - 1]).toMatchObject({ type: 'retrying', attempt: 1, cause: 'authentication' })
    expect(new Set(outcomes(events).map((outcome) => (outcome.kind === 'model-failed' ? outcome.cause : '')))).toEqual(
      new Set(['authentication']),
    )
    expect(factsOf(events).phase.kind).toBe('idle')
  })

  test('an overloaded model is retried and then given up', () => {
    const events = parse(linesOf(version, 'overloaded'))
    expect(events.filter((event) => event.type === 'retrying').map((event) => event.cause)).toEqual(['overloaded', 'overloaded'])
    expect(outcomes(events)).toMatchObject([{ kind: 'model-failed' }])
    expect(['overloaded', 'server']).toContain(outcomes(events).flatMap((one) => (one.kind === 'model-failed' ? [one.cause] : []))[0])
  })

  test('a used-up plan is limited until its reset', () => {
    const facts = factsOf(parse(linesOf(version, 'usage-limit')))
    expect(facts.lastOutcome?.outcome.kind).toBe('usage-limit')
    expect(facts.phase).toMatchObject({ kind: 'limited', resetsAt: expect.any(Number) })
    expect(facts.limitedUntil).toBeGreaterThan(1_790_000_000_000)
  })

  test('too many turns', () => {
    expect(outcomes(parse(linesOf(version, 'max-turns')))).toEqual([{ kind: 'too-many-turns' }])
  })

  test('a torn or replayed record never throws and counts nothing twice', () => {
    const lines = versions.length === 0 ? [] : linesOf(version, 'permissions')
    fc.assert(
      fc.property(fc.shuffledSubarray(lines), fc.nat(200), (some, cut) => {
        expect(() => factsOf(parse([...some, (lines[0] ?? '').slice(0, cut)]))).not.toThrow()
      }),
    )
    expect(costUsd(factsOf([...parse(lines), ...parse(lines)]).ledger)).toBe(costUsd(factsOf(parse(lines)).ledger))
  })
})

test('a reply that was cut off is no success', () => {
  expect(outcomes(parse(linesOf('2.1.197', 'cut-stream')))).toMatchObject([{ kind: 'suspect' }])
  expect(outcomes(parse(linesOf('2.1.329', 'cut-stream')))).toMatchObject([{ kind: 'model-failed', cause: 'connection' }])
})

test('what is not understood is a sign of life or nothing', () => {
  expect(parse(['{"type":"brand_new","x":1}', '{"type":"system","subtype":"later"}'])).toEqual([
    { type: 'alive', at: 1000 },
    { type: 'alive', at: 1001 },
  ])
  expect(parse(['half a li', '', '[1]', 'null'])).toEqual([])
})

test('a resumed conversation is charged only for its own process', () => {
  const counts = (inputTokens: number) => ({ m: { inputTokens } })
  const result = (all: number, fresh: number) =>
    JSON.stringify({ type: 'result', is_error: false, modelUsage: counts(all), model_usage_since_last_result: counts(fresh) })
  const facts = factsOf(parse([result(1000, 100), result(1500, 500)]))
  expect(tokensByModel(facts.ledger).get('m')?.inputTokens).toBe(600)
})

test('a summary cannot reach the terminal', () => {
  const line = JSON.stringify({
    type: 'control_request',
    request_id: 'r',
    request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'rm -rf \u001b[2Jx\nnext' } },
  })
  expect(parse([line])).toMatchObject([{ type: 'permission-asked', request: { summary: 'rm -rf x next' } }])
})
