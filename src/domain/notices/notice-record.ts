import { type Notice, noticeKinds, urgencies } from './notice.ts'

/**
 * One line of `$ORCH_HOME/notices/notices.jsonl`, the whole record: what there was to tell, to whom, and what became of it.
 * `n` only grows and is never used again, also when the file was rewritten: whoever has read up to a line goes on behind it.
 */
export type NoticeLine = NoticeFact & { readonly n: number }

export type NoticeFact =
  /** Found at that time. `to`: the channels that are to tell it; `isLoud`: also in quiet hours. */
  | { readonly type: 'notice'; readonly notice: Notice; readonly to: readonly string[]; readonly isLoud?: boolean; readonly at: number }
  /** Nothing is told of these, ever: what was so before anybody listened, or was told long ago. */
  | { readonly type: 'silent'; readonly ids: readonly string[] }
  /** Their cause is gone, or the person has seen them. */
  | { readonly type: 'over'; readonly ids: readonly string[]; readonly why: 'settled' | 'seen' }
  /** What was taken for settled is so again, or still. */
  | { readonly type: 'again'; readonly ids: readonly string[] }
  /** Written before the channel is asked; the same key when it is asked again. */
  | { readonly type: 'sending'; readonly channel: string; readonly key: string; readonly ids: readonly string[]; readonly at: number }
  /** `dropped`: everything in it was over before it was told. */
  | { readonly type: 'sent' | 'dropped'; readonly channel: string; readonly key: string; readonly at: number }
  /** Not before `at`. */
  | { readonly type: 'retry'; readonly channel: string; readonly key: string; readonly at: number; readonly reason: string }
  | { readonly type: 'given-up'; readonly channel: string; readonly key: string; readonly at: number; readonly reason: string }

/** What is torn, foreign or of a newer orch is passed over. */
export function parseNoticeLines(text: string): readonly NoticeLine[] {
  const end = text.lastIndexOf('\n') + 1
  return text
    .slice(0, end)
    .split('\n')
    .flatMap((line) => (line === '' ? [] : (parseNoticeLine(line) ?? [])))
}

export function renderNoticeLines(lines: readonly NoticeLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function parseNoticeLine(text: string): NoticeLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isNoticeLine(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isNoticeLine(value: unknown): value is NoticeLine {
  const line = fieldsOf(value)
  if (line === undefined || !Number.isSafeInteger(line['n'])) return false
  switch (line['type']) {
    case 'notice':
      return isNotice(line['notice']) && areTexts(line['to']) && typeof line['at'] === 'number'
    case 'over':
      return areTexts(line['ids']) && ['settled', 'seen'].includes(String(line['why']))
    case 'again':
    case 'silent':
      return areTexts(line['ids'])
    case 'sending':
      return hasKey(line) && areTexts(line['ids'])
    case 'sent':
    case 'dropped':
      return hasKey(line)
    case 'retry':
    case 'given-up':
      return hasKey(line) && typeof line['reason'] === 'string'
    default:
      return false
  }
}

function isNotice(value: unknown): value is Notice {
  const notice = fieldsOf(value)
  if (notice === undefined || typeof notice['at'] !== 'number') return false
  const isKnown = noticeKinds.some((kind) => kind === notice['kind']) && urgencies.some((urgency) => urgency === notice['urgency'])
  const places = [notice['project'], notice['handle']]
  return (
    isKnown &&
    areTexts([notice['id'], notice['title'], notice['text'], notice['next']]) &&
    areTexts(places.filter((place) => place !== undefined))
  )
}

function hasKey(line: Readonly<Record<string, unknown>>): boolean {
  return areTexts([line['channel'], line['key']]) && typeof line['at'] === 'number'
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
