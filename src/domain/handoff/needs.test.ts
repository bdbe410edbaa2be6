import { expect, test } from 'vitest'
import type { BoardMessage, MessageKind } from '../board/message.ts'
import { needsMetBy, openNeeds } from './needs.ts'

const said = (id: string, kind: MessageKind, from: string, to: readonly string[], more: Partial<BoardMessage> = {}): BoardMessage => ({
  id,
  kind,
  from,
  to,
  text: `text of ${id}`,
  project: 'p',
  writtenAt: 1,
  takenAt: 2,
  hops: 0,
  source: id,
  ...more,
})
const need = said('m1', 'need', 'p.ui', ['p.api'], { about: { paths: ['src/api', 'src/*.sql'] } })

test('a need is open until an offer or an answer comes back, not until somebody asks what was meant', () => {
  const asked = said('m2', 'question', 'p.api', ['p.ui'], { inReplyTo: 'm1' })
  const own = said('m3', 'offer', 'p.ui', ['p.api'], { inReplyTo: 'm1' })
  expect(openNeeds([need, asked, own])).toEqual([
    { id: 'm1', by: 'p.ui', of: ['p.api'], text: 'text of m1', paths: ['src/api', 'src/*.sql'], since: 2 },
  ])
  for (const kind of ['offer', 'answer'] as const)
    expect(openNeeds([need, said('m4', kind, 'orch', ['p.ui'], { inReplyTo: 'm1' })])).toEqual([])
})

test('it is met by its owner when that one changes what it names', () => {
  const needs = openNeeds([need, said('m5', 'need', 'p.ui', ['p.api'])])
  expect(needsMetBy('p.api', ['README.md', 'src/api/pay.ts'], needs).map(({ id }) => id)).toEqual(['m1'])
  expect(needsMetBy('p.api', ['src/schema.sql'], needs)).toHaveLength(1)
  expect(needsMetBy('p.api', ['src/apis/pay.ts'], needs)).toEqual([])
  expect(needsMetBy('p.docs', ['src/api/pay.ts'], needs)).toEqual([])
})
