import { expect, test } from 'vitest'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import { evolve, initialFacts } from '../../domain/sessions/session-machine.ts'
import { sessionView } from './session-view.ts'

const asked: SessionEvent[] = [
  { type: 'started', at: 1 },
  { type: 'turn-started', at: 2 },
  { type: 'permission-asked', at: 3, request: { id: 'r', tool: 'Bash', summary: 'touch x', at: 3 } },
]

test('a process that has ended asks nothing any more: nobody could answer it', () => {
  expect(sessionView(asked.reduce(evolve, initialFacts()), 'protocol').asks).toMatchObject([{ id: 'r' }])
  const ended = [...asked, { type: 'exited', at: 4, exit: { kind: 'code', code: 143 } } as const].reduce(evolve, initialFacts())
  expect(sessionView(ended, 'protocol')).toMatchObject({ asks: [], activity: { kind: 'exited' } })
})
