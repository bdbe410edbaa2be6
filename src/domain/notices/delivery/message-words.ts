import type { Notice, NoticeKind, Urgency } from '../notice.ts'
import { urgencies } from '../notice.ts'

/** What one message says, whoever shows it. */
export interface MessageWords {
  /** One plain line. */
  readonly title: string
  /** A few plain lines. */
  readonly text: string
  /** The command that leads on. */
  readonly next: string
  readonly urgency: Urgency
}

const MOST_LINES = 8

/** Of one notice its own words; of several how many of what, and one line each. */
export function messageWords(notices: readonly Notice[]): MessageWords {
  const [first, ...others] = notices
  const urgency = urgencies.findLast((one) => notices.some((notice) => notice.urgency === one)) ?? 'normal'
  if (first !== undefined && others.length === 0) return { title: first.title, text: first.text, next: first.next, urgency }
  const shown = notices.toSorted((a, b) => urgencies.indexOf(b.urgency) - urgencies.indexOf(a.urgency)).slice(0, MOST_LINES)
  const hidden = notices.length - shown.length
  const lines = shown.map(({ title, text }) => (text === '' ? title : `${title}: ${text.split('\n', 1)[0] ?? ''}`))
  const text = [...lines, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('\n')
  const next = notices.some(({ kind }) => WAITS.has(kind)) ? 'orch inbox' : 'orch monitor'
  return { title: counts(notices), text, next, urgency }
}

const WAITS: ReadonlySet<NoticeKind> = new Set(['needs-you', 'budget', 'failed', 'ready'])

const WORDS: Readonly<Record<NoticeKind, (count: number) => string>> = {
  'needs-you': (count) => (count === 1 ? '1 needs you' : `${count} need you`),
  budget: (count) => `${count} over budget`,
  failed: (count) => `${count} failed`,
  ready: (count) => `${count} ready for review`,
  landed: (count) => `${count} landed`,
  limit: () => 'limit reached',
  'limit-lifted': () => 'limit lifted',
  finished: () => 'fleet finished',
}

function counts(notices: readonly Notice[]): string {
  return (Object.keys(WORDS) as NoticeKind[])
    .flatMap((kind) => {
      const count = notices.filter((notice) => notice.kind === kind).length
      return count === 0 ? [] : [WORDS[kind](count)]
    })
    .join(', ')
}
