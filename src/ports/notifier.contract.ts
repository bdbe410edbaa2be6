import { expect, test } from 'vitest'
import type { Notice } from '../domain/notices/notice.ts'
import { failureCode } from '../foundation/failure.ts'
import type { Notifier } from './notifier.ts'

/** One channel with its other side, which a test can look at and break. */
export interface NotifierScene {
  readonly notifier: Notifier
  /** All that arrived, one text a message. */
  told(): readonly string[]
  /** What the other side does with the next messages: `later` and `never` are failures, `hang` answers nothing. */
  behave(how: 'take' | 'later' | 'never' | 'hang'): void
  /** The other side has begun to hang. */
  isHanging(): Promise<void>
}

export const someNotice = (more: Partial<Notice> = {}): Notice => ({
  id: 'n1',
  kind: 'needs-you',
  urgency: 'high',
  at: Date.parse('2026-01-02T12:00:00Z'),
  project: 'shop',
  handle: 'shop.api',
  title: 'shop.api needs you',
  text: 'Cents or euros?',
  next: 'orch answer m12 "…"',
  ...more,
})

export function notifierContract(name: string, open: () => Promise<NotifierScene>): void {
  const quiet = new AbortController().signal
  const codeOf = (tell: Promise<void>): Promise<string | undefined> => tell.then(() => 'told', failureCode)

  test(`${name}: a message arrives once, with what it is about and what to type`, async () => {
    const { notifier, told } = await open()
    await notifier.tell({ key: 'k1', notices: [someNotice()] }, quiet)
    expect(told()).toHaveLength(1)
    for (const part of ['shop.api needs you', 'Cents or euros?', 'orch answer m12']) expect(told()[0]).toContain(part)
  })

  test(`${name}: several are one message, the most urgent first`, async () => {
    const { notifier, told } = await open()
    const ready = someNotice({ id: 'n2', kind: 'ready', urgency: 'normal', title: 'shop.web is ready for review', text: '' })
    await notifier.tell({ key: 'k1', notices: [ready, someNotice()] }, quiet)
    expect(told()).toHaveLength(1)
    expect(told()[0]).toMatch(/1 needs you, 1 ready for review[^]*shop\.api needs you[^]*shop\.web is ready for review/)
    expect(told()[0]).toContain('orch inbox')
  })

  test(`${name}: says whether another try may help`, async () => {
    const { notifier, behave, told } = await open()
    behave('later')
    expect(await codeOf(notifier.tell({ key: 'k1', notices: [someNotice()] }, quiet))).toBe('notify-later')
    behave('never')
    expect(await codeOf(notifier.tell({ key: 'k1', notices: [someNotice()] }, quiet))).toBe('notify-refused')
    behave('take')
    const before = told().length
    await notifier.tell({ key: 'k1', notices: [someNotice()] }, quiet)
    expect(told()).toHaveLength(before + 1)
  })

  test(`${name}: ends with its signal, and leaves nothing running`, async () => {
    const { notifier, behave, isHanging } = await open()
    const stop = new AbortController()
    behave('hang')
    const ended = codeOf(notifier.tell({ key: 'k1', notices: [someNotice()] }, stop.signal))
    await isHanging()
    stop.abort()
    expect(await ended).toBe('notify-later')
  })
}
