import { describe, expect, test } from 'vitest'
import type { Stage } from './stage.ts'
import { deriveStatus, type SessionView } from './task-status.ts'

const manual: Stage = { kind: 'manual', command: 'cd /w', again: 'cd /w && claude --resume=x' }
const idle: SessionView = { activity: { kind: 'idle' }, asks: [], since: 5, seenAt: 6, source: 'protocol' }

describe('a session that orch runs', () => {
  test('a question comes before everything it does', () => {
    const asks = [{ id: 'r1', tool: 'Bash', summary: 'rm -r build' }]
    const derived = deriveStatus('app.a', { kind: 'in-session' }, 1, {
      ...idle,
      activity: { kind: 'tool', tool: 'Bash', summary: 'x' },
      asks,
    })
    expect(derived).toMatchObject({
      status: 'Needs you',
      reason: 'asks to use Bash: rm -r build',
      next: expect.stringContaining('orch approve r1'),
    })
  })

  test('what its record said counts only while it has the word', () => {
    const tool: SessionView = { ...idle, activity: { kind: 'tool', tool: 'Bash', summary: 'npm test' } }
    expect(deriveStatus('app.a', { kind: 'in-session' }, 1, tool)).toMatchObject({
      status: 'Working',
      reason: 'Bash: npm test',
      since: 5,
      seenAt: 6,
    })
    expect(deriveStatus('app.a', { kind: 'merged', commit: 'a'.repeat(40) }, 9, tool)).toMatchObject({
      status: 'Merged',
      since: 9,
      source: 'git',
    })
    expect(deriveStatus('app.a', { kind: 'blocked', question: 'which port?' }, 9, tool)).toMatchObject({
      status: 'Needs you',
      reason: 'which port?',
    })
  })
})

test('a session of which no sign is known yet is as old as its stage, not as the epoch', () => {
  const unseen: SessionView = { activity: { kind: 'starting' }, asks: [], since: undefined, seenAt: undefined, source: 'protocol' }
  expect(deriveStatus('app.a', { kind: 'in-session' }, 7, unseen)).toMatchObject({ status: 'Setting up', since: 7, seenAt: 7 })
  expect(deriveStatus('app.m', manual, 8, { ...unseen, source: 'hook' })).toMatchObject({ status: 'Idle', since: 8, seenAt: 8 })
})

test('one that its person has in a terminal works, whatever its hooks say, and says where', () => {
  const client = { pid: 7, startTime: '1', bootId: 'b', terminal: '/dev/pts/3' }
  const derived = deriveStatus('app.a', { kind: 'attached', by: 'r', client }, 3, { ...idle, source: 'hook' })
  expect(derived).toMatchObject({ status: 'Working', reason: 'in your terminal /dev/pts/3', since: 3, isWaitingForHuman: false })
  expect(derived.next).toContain('orch stop app.a')
})

describe("a person's own terminal", () => {
  test('waits for them before they started it, and says how', () => {
    expect(deriveStatus('app.m', manual, 1, undefined)).toMatchObject({ status: 'Idle', next: 'cd /w', source: 'hook' })
    expect(deriveStatus('app.m', manual, 1, { ...idle, activity: { kind: 'starting' }, source: 'hook' })).toMatchObject({
      status: 'Idle',
      next: 'cd /w',
    })
  })

  test('is not told to be spoken to from outside, nor to be resumed by orch', () => {
    const asks = [{ id: 'terminal-1', tool: 'Bash', summary: 'ls' }]
    const asking = deriveStatus('app.m', manual, 1, { ...idle, asks, source: 'hook' })
    expect(asking).toMatchObject({ status: 'Needs you', source: 'hook' })
    expect(asking).not.toHaveProperty('next')
    const waiting = deriveStatus('app.m', manual, 1, { ...idle, source: 'hook' })
    expect(waiting).toMatchObject({ status: 'Idle', reason: 'waits in its terminal' })
    const ended = deriveStatus('app.m', manual, 1, { ...idle, activity: { kind: 'exited' }, source: 'hook' })
    expect(ended).toMatchObject({ status: 'Idle', reason: 'the session in the terminal ended', next: 'cd /w && claude --resume=x' })
  })
})

test('a need that failed is named with what mends it', () => {
  expect(deriveStatus('app.b', { kind: 'waiting-for-needs', needs: ['a', 'c'], failed: ['c'] }, 1, undefined)).toMatchObject({
    status: 'Queued',
    reason: 'needs c, which failed',
    next: 'orch resume app.c',
  })
  expect(
    deriveStatus('app.b', { kind: 'waiting-for-needs', needs: ['a', 'c'], failed: ['a'], abandoned: ['a'] }, 1, undefined),
  ).toMatchObject({
    isWaitingForHuman: true,
    reason: 'needs a, which was given up',
    next: 'orch run',
  })
})
