import { appendFileSync, mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { noticesFile, seenFolder } from '../../config/home.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import { renderNoticeLines } from '../../domain/notices/notice-record.ts'
import type { Context } from '../context.ts'
import { ring } from './terminal-notices.ts'
import { terminalSignal } from './terminal-signal.ts'

const notice = (more: Partial<Notice> = {}): Notice => ({
  id: 'a',
  kind: 'needs-you',
  urgency: 'high',
  at: 0,
  handle: 'shop.api',
  title: 'shop.api needs you',
  text: 'Cents; or euros?\nSay it.',
  next: 'orch inbox',
  ...more,
})

test('a terminal gets what it understands, and nothing of the text ends the sequence', () => {
  const evil = notice({ title: 'a\u001b]0;x\u0007b\u009c;c', text: '\u001b\\\u0007' })
  expect(terminalSignal([notice()], 'bell', {})).toBe('\u0007')
  expect(terminalSignal([notice()], 'osc9', {})).toBe('\u001b]9;shop.api needs you: Cents, or euros?\u001b\\')
  expect(terminalSignal([notice()], 'osc777', {})).toBe('\u001b]777;notify;shop.api needs you;Cents, or euros?\u001b\\')
  expect(terminalSignal([evil], 'osc777', {})).toBe('\u001b]777;notify;ab,c;\u001b\\')
  expect(terminalSignal([notice()], 'auto', { TERM_PROGRAM: 'WezTerm' })).toContain('\u0007\u001b]9;')
  expect(terminalSignal([notice()], 'auto', { VTE_VERSION: '7200' })).toContain('\u0007\u001b]777;')
  expect(terminalSignal([notice()], 'auto', { VTE_VERSION: '7200', TMUX: '/tmp/x' })).toBe('\u0007')
  expect(terminalSignal([notice()], 'auto', { TERM: 'xterm' })).toBe('\u0007')
})

test('a terminal tells what comes while it looks and is sent there, each once, and of the same thing not twice a minute', async () => {
  const root = temporaryFolder()
  mkdirSync(seenFolder({ root }), { recursive: true })
  let n = 0
  const bring = (more: Partial<Notice>, to = ['terminal']): void =>
    appendFileSync(noticesFile({ root }), renderNoticeLines([{ n: (n += 1), type: 'notice', notice: notice(more), to, at: 0 }]))
  bring({ id: 'before' })
  const stop = new AbortController()
  const written: string[] = []
  const environment = { ORCH_NOTIFY_TERMINAL: 'osc9' }
  // What it needs of a command's context.
  const context = { home: root, environment, now: () => 0 } as unknown as Context
  const rung = ring(context, (text) => void written.push(text), stop.signal)
  bring({ id: 'elsewhere', handle: 'shop.other', title: 'elsewhere' }, ['desktop'])
  bring({ id: 'web', handle: 'shop.web', title: 'web' })
  await until(() => written.some((text) => text.includes('web')), { what: 'the notice is told' })
  bring({ id: 'web again', handle: 'shop.web', title: 'web again' })
  bring({ id: 'docs', handle: 'shop.docs', title: 'docs' })
  await until(() => written.some((text) => text.includes('docs')), { what: 'the next is told' })
  expect(written.join('')).not.toMatch(/elsewhere|again|before/)
  stop.abort()
  await rung
})
