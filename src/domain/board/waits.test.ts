import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BoardMessage, MessageKind } from './message.ts'
import { cycleMessage, cyclesClosedBy, openWaits, type WaitCycle } from './waits.ts'

let count = 0
function said(kind: MessageKind, from: string, to: readonly string[], inReplyTo?: string): BoardMessage {
  const id = `m${(count += 1)}`
  const more = inReplyTo === undefined ? {} : { inReplyTo }
  return { id, kind, from, to, text: '', project: 'p', writtenAt: 0, takenAt: 0, hops: 0, source: id, ...more }
}

test('who asks waits for whom it asked, until any of them replies; people and orch wait for nobody', () => {
  const question = said('question', 'p.a', ['p.b', 'p.c'])
  const all = [question, said('note', 'p.a', ['p.b']), said('need', 'human', ['p.a']), said('escalation', 'p.b', ['human'])]
  expect(openWaits(all).map((wait) => `${wait.who}>${wait.for}`)).toEqual(['p.a>p.b', 'p.a>p.c', 'p.b>human'])
  expect(openWaits([...all, said('note', 'p.a', ['p.b'], question.id)])).toHaveLength(3)
  expect(openWaits([...all, said('question', 'p.c', ['p.a'], question.id)]).map(({ who }) => who)).toEqual(['p.b', 'p.c'])
  expect(openWaits(all, new Set(['p.b'])).map((wait) => `${wait.who}>${wait.for}`)).toEqual(['p.a>p.c'])
})

test('the message that closes a cycle finds it; all of it and the person are told how to break it', () => {
  const [ab, bc, ca] = [said('question', 'p.a', ['p.b']), said('need', 'p.b', ['p.c']), said('question', 'p.c', ['p.a'])]
  expect(cyclesClosedBy(bc, [ab, bc])).toEqual([])
  const [cycle, ...more] = cyclesClosedBy(ca, [ab, bc, ca])
  expect(more).toEqual([])
  const told = cycleMessage(cycle ?? [], 'p.f')
  expect(told).toMatchObject({ kind: 'escalation', from: 'orch', to: ['p.c', 'p.a', 'p.b', 'human'], feature: 'p.f' })
  expect(told.text).toContain(`p.b waits for p.c (its need ${bc.id})`)
  expect(told.text).toContain(`p.a: \`orch answer ${ca.id} "…"\``)
  // To ask the same one again closes nothing that was not closed.
  const again = said('question', 'p.c', ['p.a'])
  expect(cyclesClosedBy(again, [ab, bc, ca, again])).toEqual([])
})

test('fifty who all ask each other are more cycles than can be told: the first of them are found, and soon', () => {
  const parties = Array.from({ length: 50 }, (_, index) => `p.${index}`)
  const all = parties.map((party) =>
    said(
      'question',
      party,
      parties.filter((other) => other !== party),
    ),
  )
  const [last] = all.slice(-1)
  const found = last === undefined ? [] : cyclesClosedBy(last, all)
  expect(found.length).toBeGreaterThan(0)
  expect(found[0]).toHaveLength(2)
})

const PARTIES = ['p.a', 'p.b', 'p.c', 'p.d', 'human']

test('waits are acyclic or reported, and each cycle is reported once as long as it lasts', () => {
  const act = fc.record({
    isReply: fc.boolean(),
    who: fc.nat(3),
    to: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
    which: fc.nat(),
    kind: fc.constantFrom<MessageKind>('question', 'need', 'escalation', 'note'),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const all: BoardMessage[] = []
      let known = new Set<string>()
      for (const { isReply, who, to, which, kind } of acts) {
        const from = PARTIES[who] ?? ''
        const receivers = to.flatMap((index) => PARTIES[index] ?? []).filter((party) => party !== from)
        const message = said(kind, from, receivers, isReply ? all[which % Math.max(1, all.length)]?.id : undefined)
        all.push(message)
        const now = allCycles(all)
        const reported = cyclesClosedBy(message, all).map(nameOf)
        expect(reported.toSorted()).toEqual([...now].filter((cycle) => !known.has(cycle)).toSorted())
        known = now
      }
    }),
  )
})

/** By trying every order of every set of parties. */
function allCycles(messages: readonly BoardMessage[]): Set<string> {
  const waits = openWaits(messages)
  const found = new Set<string>()
  const follow = (path: WaitCycle): void => {
    for (const wait of waits.filter(({ who }) => who === path.at(-1)?.for)) {
      if (wait.for === path[0]?.who) found.add(nameOf([...path, wait]))
      else if (!path.some(({ who }) => who === wait.for)) follow([...path, wait])
    }
  }
  for (const wait of waits) follow([wait])
  return found
}

function nameOf(cycle: WaitCycle): string {
  const names = cycle.map(({ who }) => who)
  const first = names.indexOf(names.toSorted()[0] ?? '')
  return [...names.slice(first), ...names.slice(0, first)].join('>')
}
