import { expect, test } from 'vitest'
import { mergeFacts } from './overlap-fact.ts'

test('attempts at one task are not said to overlap; with anyone else they are', () => {
  const handles = ['app.login.1', 'app.login.2', 'app.page.1', 'app.login-2']
  const parties = handles.map((handle) => ({ party: { kind: 'task', handle } as const, head: 'a', uncommitted: [] }))
  const overlaps = handles.slice(1).map((handle) => ({
    one: 'app.login.1',
    other: { kind: 'task', handle } as const,
    files: [],
    fileCount: 1,
  }))
  const facts = mergeFacts([], { at: 1, parties, overlaps })
  expect(facts.flatMap(({ one, other }) => [one.party, other.party]).filter(({ kind }) => kind === 'task')).toHaveLength(4)
  expect(JSON.stringify(facts)).not.toContain('app.login.2"')
})
