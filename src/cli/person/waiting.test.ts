import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import { makeStyles } from '../styles.ts'
import { inboxPage } from './inbox-page.ts'
import { findTarget, namesTarget } from './targets.ts'
import { type KeptAnswer, type PersonsFacts, whatWaits } from '../../protocol/what-waits.ts'

const NOW = Date.parse('2026-01-02T12:00:00Z')
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString()
const facts = (more: Partial<PersonsFacts>): PersonsFacts => ({ tasks: [], messages: [], kept: [], ...more })
const page = (more: Partial<PersonsFacts>) =>
  inboxPage(whatWaits(facts(more)), { now: NOW, styles: makeStyles(false), columns: 100, kept: more.kept?.length ?? 0 })

function message(id: string, more: Partial<BoardMessage> = {}): BoardMessage {
  const times = { writtenAt: NOW - 60_000, takenAt: NOW - 60_000, hops: 0, source: id }
  return { id, project: 'app', kind: 'question', from: 'app.api', to: ['human'], text: `Which, ${id}?`, ...times, ...more }
}
const gate = (id: string, more: Partial<BoardMessage> = {}) =>
  message(id, { kind: 'escalation', gate: 'auth', options: ['approve', 'deny'], text: 'This work stops at the gate "auth".', ...more })
const reply = (id: string, inReplyTo: string, more: Partial<BoardMessage> = {}) =>
  message(id, { kind: 'answer', from: 'human', to: ['app.api'], inReplyTo, text: 'yes', ...more })
const asking = taskStatus('docs', {
  requests: [{ id: '5c9d9f49-0000-4000-8000-000000000000', tool: 'Bash', summary: 'npm publish', at: at(2) }],
})

test('what waits is shown most urgent first, each with what to type', () => {
  const tasks = [
    taskStatus('ready', {
      status: 'Review',
      reason: 'finished and verified',
      next: 'orch merge app.ready',
      isWaitingForHuman: true,
      since: at(300),
    }),
    taskStatus('broken', { status: 'Failed', reason: 'the disk is full', next: 'orch resume app.broken', since: at(60) }),
    taskStatus('held', {
      status: 'Needs you',
      reason: 'the checkout is dirty',
      next: 'commit there, then orch merge app.held',
      since: at(90),
    }),
    taskStatus('api', { status: 'Needs you', reason: 'Which, m1?', since: at(1) }),
    asking,
    taskStatus('busy'),
  ]
  const messages = [message('m1'), gate('m2', { from: 'app.web', takenAt: NOW - 600_000 }), message('m3', { kind: 'note', text: 'hello' })]
  expect(page({ tasks, messages })).toBe(
    [
      '6 things wait for you',
      '5c9d9f49  permission  app.docs  2 min',
      '  may it run npm publish?',
      '  orch approve 5c9d9f49   or   orch deny 5c9d9f49 "why"',
      'm2  gate  app.web  10 min',
      '  This work stops at the gate "auth".',
      '  orch approve m2   or   orch deny m2 "why"',
      'm1  question  app.api  1 min',
      '  Which, m1?',
      '  orch answer m1 "…"',
      'needs you  app.held  1 h',
      '  the checkout is dirty',
      '  commit there, then orch merge app.held',
      'failed  app.broken  1 h',
      '  the disk is full',
      '  orch resume app.broken',
      'review  app.ready  5 h',
      '  finished and verified',
      '  orch merge app.ready',
    ].join('\n'),
  )
  expect(page({})).toBe('Nothing waits for you.')
})

test('what was answered, taken back, answered offline, or asked by a task that is over waits no more', () => {
  const kept: KeptAnswer[] = [
    { project: 'app', about: 'm3', at: at(1), decision: 'deny', text: 'no' },
    { project: 'app', about: asking.requests[0]?.id ?? '', at: at(1), decision: 'approve', text: '' },
  ]
  const messages = [
    message('m1'),
    reply('m5', 'm1'),
    gate('m2'),
    reply('m6', 'm2', { from: 'orch', to: [] }),
    gate('m3'),
    message('m4', { from: 'app.old' }),
  ]
  const tasks = [
    taskStatus('old', { status: 'Merged' }),
    taskStatus('api', { status: 'Needs you', reason: 'auth: changes auth/a.ts' }),
    asking,
  ]
  expect(page({ tasks, messages, kept })).toBe(
    'Nothing waits for you.\n2 answers are kept until the daemon runs again: `orch daemon start`',
  )
})

test('numbered options are shown, and nothing in a message steers the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;x\u0007Which\u202e one?\nNothing waits for you.\r'
  const escalation = message('m1', {
    kind: 'escalation',
    text: hostile,
    options: ['web\u001b[31m yields', 'api yields'],
    from: 'app.\u001b[1mx',
  })
  const shown = page({ messages: [escalation] })
  expect(shown).toBe(
    [
      '1 thing waits for you',
      'm1  escalation  app.x  1 min',
      '  Which one? Nothing waits for you.',
      '  1 web yields · 2 api yields',
      '  orch answer m1 "…"',
    ].join('\n'),
  )
})

test('an id is enough where it is clear; else the project says which, and the folder where it was typed', () => {
  const messages = [message('m1'), message('m1', { project: 'web', from: 'web.a' }), message('m2', { project: 'web', from: 'web.a' })]
  const all = facts({ messages, tasks: [asking] })
  expect(whatWaits(all).map(({ id }) => id)).toEqual([asking.requests[0]?.id, 'app/m1', 'web/m1', 'm2'])
  expect(findTarget('m2', all, undefined)).toMatchObject({ kind: 'message', asked: { message: { project: 'web' } } })
  expect(findTarget('m1', all, 'web')).toMatchObject({ asked: { message: { project: 'web' } } })
  expect(findTarget('app/m1', all, 'web')).toMatchObject({ asked: { message: { project: 'app' } } })
  expect(() => findTarget('m1', all, undefined)).toThrow('"m1" may be app/m1 or web/m1.')
  expect(findTarget('5c9d', all, undefined)).toMatchObject({ kind: 'request', task: { handle: 'app.docs' } })
  expect(() => findTarget('m9', all, undefined)).toThrow('nothing waits for you under "m9"')
  expect(['m2', 'web/m1', '5c9d9', 'no', 'm1 is wrong'].map((word) => namesTarget(word, all))).toEqual([true, true, true, false, false])
})

test('a second answer is refused with the first', () => {
  const messages = [gate('m1'), reply('m2', 'm1', { decision: 'deny', text: 'use the library', takenAt: NOW })]
  expect(() => findTarget('m1', facts({ messages }), undefined)).toThrow(
    'm1 was answered already, at 2026-01-02T12:00:00.000Z: denied: "use the library"',
  )
  const kept: KeptAnswer[] = [{ project: 'app', about: 'm1', at: at(0), decision: 'approve', text: '' }]
  expect(() => findTarget('m1', facts({ messages: [gate('m1')], kept }), undefined)).toThrow(
    'm1 was answered already, at 2026-01-02T12:00:00.000Z: approved',
  )
})

test('a task is no question, and says which command is meant', () => {
  const tasks = [taskStatus('ready', { status: 'Review', reason: 'finished', next: 'orch merge app.ready', isWaitingForHuman: true })]
  expect(() => findTarget('ready', facts({ tasks }), undefined)).toThrow('ready is a task: finished.')
})

test('of a feature only the parts that wait are shown, and the feature itself when it is ready', () => {
  const feature = (more: object) => taskStatus('pay', { kind: 'feature', next: 'orch merge app.pay', ...more })
  const part = (more: object) => taskStatus('pay.web', { kind: 'part', isWaitingForHuman: true, ...more })
  const stuck = [feature({ status: 'Needs you', reason: 'web is stuck' }), part({ status: 'Failed', reason: 'the disk is full' })]
  expect(whatWaits(facts({ tasks: stuck })).map(({ kind, who }) => `${kind} ${who}`)).toEqual(['failed app.pay.web'])
  const ready = [feature({ status: 'Review', isWaitingForHuman: true }), part({ status: 'Review', reason: 'ready' })]
  expect(whatWaits(facts({ tasks: ready })).map(({ kind, who }) => `${kind} ${who}`)).toEqual(['review app.pay'])
})
