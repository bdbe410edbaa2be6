import fc from 'fast-check'
import { expect, test } from 'vitest'
import { address, MOST_HOPS, type Words } from './address.ts'
import { type BoardMessage, HUMAN } from './message.ts'
import { MOST_PER_MINUTE, waitMs } from './rate.ts'
import { type Circle, nameOf } from './party.ts'

const departments = ['backend', 'frontend', 'security']
const parts = departments.map((name) => `shop.pay.${name}`)
const live = [...parts, 'shop.login', 'shop.backend']
const tasks = { known: [...live, 'shop.pay', 'shop.old'], live, parts: new Map([['shop.pay', parts]]) }
const frontend: Circle = {
  project: 'shop',
  self: 'shop.pay.frontend',
  feature: 'shop.pay',
  departments,
  ...tasks,
}
const login: Circle = { project: 'shop', self: 'shop.login', departments: [], ...tasks }
const person: Circle = { ...login, self: HUMAN }

const asked: BoardMessage = {
  id: 'm3',
  project: 'shop',
  kind: 'question',
  from: 'shop.pay.backend',
  to: ['shop.pay.frontend'],
  feature: 'shop.pay',
  text: '?',
  writtenAt: 1,
  takenAt: 1,
  hops: 0,
  source: 's',
}
const board = new Map<string, BoardMessage>([
  ['m3', asked],
  ['m4', { ...asked, id: 'm4', kind: 'need', from: 'shop.pay.security', to: ['shop.pay.backend'] }],
  ['m5', { ...asked, id: 'm5', kind: 'escalation', to: [HUMAN] }],
  ['m6', { ...asked, id: 'm6', kind: 'decision', from: HUMAN, to: [] }],
  ['m7', { ...asked, id: 'm7', hops: MOST_HOPS }],
])
const say = (words: Partial<Words>, circle = frontend) => address({ kind: 'context', text: 'x', ...words }, circle, (id) => board.get(id))

test.each<[string, Partial<Words>, Circle, readonly string[]]>([
  ['a department', { to: ['backend'] }, frontend, ['shop.pay.backend']],
  ['a task of that name, where there is no feature', { to: ['backend'] }, login, ['shop.backend']],
  ['a handle', { to: ['shop.login'] }, frontend, ['shop.login']],
  ['a department of another feature', { to: ['pay.backend'] }, login, ['shop.pay.backend']],
  ['a feature, which has no session: its parts', { to: ['pay'] }, login, parts],
  ['all of the feature', { to: ['all'] }, frontend, ['shop.pay.backend', 'shop.pay.security']],
  ['all live tasks of the project', { to: ['all'] }, login, live.filter((handle) => handle !== 'shop.login')],
  ['each once, and not the sender', { to: ['backend', 'all', 'frontend'] }, frontend, ['shop.pay.backend', 'shop.pay.security']],
  ['one that is over: it will refuse by itself', { to: ['old'] }, login, ['shop.old']],
  ['the person', { to: ['Human'] }, login, [HUMAN]],
  ['context without a receiver: all of the feature', {}, frontend, ['shop.pay.backend', 'shop.pay.security']],
  ['an escalation: the person', { kind: 'escalation' }, frontend, [HUMAN]],
  ['a word to nobody: the person', { kind: 'tell' }, login, [HUMAN]],
  ['an answer: who asked', { kind: 'answer', inReplyTo: 'm3' }, frontend, ['shop.pay.backend']],
  ['an offer for a need of another', { kind: 'offer', inReplyTo: 'm4' }, frontend, ['shop.pay.security']],
  ['a decision: whom it affects', { kind: 'decision', affects: ['security'] }, frontend, ['shop.pay.security']],
  ['a decision that affects nobody at once', { kind: 'decision' }, frontend, []],
  ['the person answers an escalation', { kind: 'answer', inReplyTo: 'm5', decision: 'deny', text: '' }, person, ['shop.pay.backend']],
])('%s', (_what, words, circle, to) => {
  expect(say(words, circle)).toMatchObject({ kind: 'message', message: { from: circle.self, to } })
})

test.each<[string, Partial<Words>, Circle]>([
  ['forged', { from: 'backend' }, frontend],
  ['forged', { from: 'human' }, frontend],
  ['forged', { from: 'orch' }, login],
  ['unknown-receiver', { to: ['nobody'] }, frontend],
  ['unknown-receiver', { to: ['other.task'] }, frontend],
  ['unknown-receiver', { to: ['orch'] }, frontend],
  ['unknown-receiver', { to: ['../login'] }, login],
  ['no-receiver', { kind: 'question' }, frontend],
  ['no-receiver', { kind: 'note', to: ['login'] }, login],
  ['no-text', { text: ' \n' }, frontend],
  ['not-yours', { kind: 'answer', inReplyTo: 'm3', decision: 'approve' }, frontend],
  ['not-yours', { kind: 'decision', supersedes: 'm6' }, frontend],
  ['not-yours', { kind: 'decision', inReplyTo: 'm3', supersedes: 'm6' }, frontend],
  ['unknown-message', { kind: 'answer' }, frontend],
  ['unknown-message', { kind: 'answer', inReplyTo: 'm99' }, frontend],
  ['unknown-message', { kind: 'answer', inReplyTo: '../m3' }, frontend],
  ['unknown-message', { kind: 'decision', supersedes: 'm3' }, frontend],
  // Only the person, whom it is for, can answer an escalation; and only who was asked, a question.
  ['not-asked', { kind: 'answer', inReplyTo: 'm5' }, frontend],
  ['not-asked', { kind: 'answer', inReplyTo: 'm3' }, login],
  ['not-asked', { kind: 'offer', inReplyTo: 'm4' }, login],
  ['too-deep', { kind: 'answer', inReplyTo: 'm7' }, frontend],
])('%s: %j', (code, words, circle) => {
  expect(say(words, circle)).toMatchObject({ kind: 'refused', code })
})

test.each(['human', 'orch', 'all'])('a task called %s does not pass for another', (name) => {
  const circle: Circle = { ...login, self: `shop.${name}` }
  expect(nameOf(circle.self, circle)).toBe(`shop.${name}`)
  expect(say({ from: name }, circle)).toMatchObject({ kind: 'refused', code: 'forged' })
})

test.each(['frontend', 'pay.frontend', 'shop.pay.frontend', ' Frontend '])('%j is the sender itself', (from) => {
  expect(say({ from }).kind).toBe('message')
})

test('whatever a file says, the message is from the owner of its outbox and goes to nobody outside of the project', () => {
  const word = fc.oneof(fc.constantFrom('all', 'human', 'backend', 'shop.login', 'orch', 'm3', '', '*'), fc.string())
  const words = fc.record({ to: fc.array(word), from: word, inReplyTo: word, affects: fc.array(word), text: word }, { requiredKeys: [] })
  const kinds = fc.constantFrom('context', 'question', 'answer', 'need', 'offer', 'decision', 'escalation', 'note', 'tell' as const)
  fc.assert(
    fc.property(words, kinds, fc.constantFrom(frontend, login), (said, kind, circle) => {
      const addressed = say({ ...said, kind }, circle)
      if (addressed.kind === 'refused') return
      const { from, to } = addressed.message
      expect(from).toBe(circle.self)
      expect(new Set(to).size).toBe(to.length)
      expect(to).not.toContain(from)
      for (const party of to) expect([...circle.known, HUMAN]).toContain(party)
    }),
  )
})

test('no minute has more messages of one sender than may be, and whoever waits as long as it is told to is taken', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (gaps) => {
      const taken: number[] = []
      let now = 1_000_000
      for (const gap of gaps) {
        now += gap
        now += waitMs(taken, now)
        expect(waitMs(taken, now)).toBe(0)
        taken.push(now)
      }
      for (const at of taken)
        expect(taken.filter((other) => other > at - 60_000 && other <= at).length).toBeLessThanOrEqual(MOST_PER_MINUTE)
    }),
  )
})
