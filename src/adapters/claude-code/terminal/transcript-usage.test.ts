import { expect, test } from 'vitest'
import { temporaryTree } from '../../../../test/support/temporary.ts'
import { usageBetween } from './transcript-usage.ts'

test('what was spent is what the messages of that time say, sub-agents included, each once', async () => {
  const folder = temporaryTree({
    'projects/a-b/id.jsonl': [
      line('before', 900, 1),
      line('m1', 1000, 2),
      line('m1', 1001, 3),
      JSON.stringify({ type: 'user', timestamp: iso(1002), message: { content: '"usage"' } }),
      line('after', 2001, 9),
      '{"type":"assistant","torn',
    ].join('\n'),
    'projects/a-b/id/subagents/agent-1.jsonl': line('s1', 1500, 4),
    'projects/a-b/other.jsonl': line('x', 1500, 9),
  })
  const events = await usageBetween('id', { CLAUDE_CONFIG_DIR: folder }, { from: 1000, to: 2000 })
  const spent = new Map(events.flatMap((event) => (event.type === 'usage' ? [[event.messageId, event.usage.outputTokens]] : [])))
  expect(Object.fromEntries(spent)).toEqual({ m1: 3, s1: 4 })
  expect(await usageBetween('unknown', { CLAUDE_CONFIG_DIR: folder }, { from: 0, to: 9999 })).toEqual([])
})

function line(id: string, at: number, output: number): string {
  const usage = { input_tokens: 1, output_tokens: output, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }
  return JSON.stringify({ type: 'assistant', timestamp: iso(at), message: { id, model: 'claude-x', content: [], usage } })
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
