import { expect, test } from 'vitest'
import type { BoardMessage } from '../../domain/board/message.ts'
import { receiptsOf } from '../../domain/board/receipts.ts'
import { makeStyles } from '../styles.ts'
import { boardPage } from './board-page.ts'

const question: BoardMessage = {
  id: 'm1',
  project: 'shop',
  kind: 'question',
  from: 'shop.pay.frontend',
  to: ['shop.pay.backend', 'shop.pay.security'],
  feature: 'shop.pay',
  text: 'Cents?\nOr euros?',
  writtenAt: 1000,
  takenAt: 1000,
  hops: 0,
  source: 's',
}
const answer: BoardMessage = {
  ...question,
  id: 'm2',
  kind: 'answer',
  from: 'shop.pay.backend',
  to: ['shop.pay.frontend'],
  inReplyTo: 'm1',
  text: 'Cents.',
}
const need: BoardMessage = { ...question, id: 'm3', kind: 'need', to: ['shop.pay.security'], text: 'a key' }
const view = { now: 61_000, styles: makeStyles(false), columns: 100, ended: new Set<string>() }

test('what was said, how far it has come, and who waits for whom', () => {
  const page = boardPage(
    [
      { message: question, receipts: receiptsOf(question, [{ to: 'shop.pay.security', refused: 'it has landed' }], [answer]) },
      { message: answer, receipts: receiptsOf(answer, [{ to: 'shop.pay.frontend', deliveredAt: 31_000 }], []) },
      { message: need, receipts: receiptsOf(need, [], []) },
    ],
    view,
  )
  expect(page).toBe(
    [
      'm1  question  frontend → backend, security  1 min ago',
      '    Cents?',
      '    Or euros?',
      '    backend: answered 1 min ago',
      '    security: not delivered: it has landed',
      'm2  answer to m1  backend → frontend  1 min ago',
      '    Cents.',
      '    delivered 30 s ago',
      'm3  need  frontend → security  1 min ago',
      '    a key',
      '    taken, not delivered yet',
      '',
      'Waiting',
      '  frontend waits for security (m3)',
    ].join('\n'),
  )
})

test('what agents wrote steers no terminal', () => {
  const evil = '\u001b]52;c;eA==\u0007\u001b[2J\u202e\r\u009b1m'
  const message: BoardMessage = {
    ...question,
    text: evil,
    because: evil,
    options: [evil],
    about: { commit: evil, paths: [evil] },
    inReplyTo: evil,
    supersedes: evil,
    to: [evil],
  }
  const page = boardPage([{ message, receipts: [{ to: evil, refused: evil }] }], view)
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})
