import { knownNotices } from './known-notices.ts'
import type { NoticeLine } from './notice-record.ts'

/** People may look back at so many that are over. */
const KEPT_NOTICES = 300

/** The same record without what is long over. `standing`: ids that would be found anew, so that they have to stay known. */
export function compactLines(lines: readonly NoticeLine[], standing: ReadonlySet<string>): readonly NoticeLine[] {
  const { notices, silent } = knownNotices(lines)
  const all = [...notices.values()]
  const recent = all.toSorted((a, b) => a.position - b.position).slice(-KEPT_NOTICES)
  const kept = new Set([...all.filter(({ over }) => over === undefined), ...recent].map(({ notice }) => notice.id))
  const forgotten = [...silent, ...notices.keys()].filter((id) => standing.has(id) && !kept.has(id))
  const newest = lines.reduce((most, { n }) => Math.max(most, n), 0)
  return [...keptLines(lines, kept), { n: newest + 1, type: 'silent', ids: forgotten }]
}

function keptLines(lines: readonly NoticeLine[], kept: ReadonlySet<string>): readonly NoticeLine[] {
  const ended = new Set(
    lines.flatMap((line) => (line.type === 'sent' || line.type === 'dropped' || line.type === 'given-up' ? [messageOf(line)] : [])),
  )
  const messages = new Set(
    lines.flatMap((line) =>
      line.type === 'sending' && (line.ids.some((id) => kept.has(id)) || !ended.has(messageOf(line))) ? [messageOf(line)] : [],
    ),
  )
  return lines.flatMap((line): NoticeLine[] => {
    switch (line.type) {
      case 'silent':
        return []
      case 'notice':
        return kept.has(line.notice.id) ? [line] : []
      case 'over':
      case 'again': {
        const ids = line.ids.filter((id) => kept.has(id))
        return ids.length === 0 ? [] : [{ ...line, ids }]
      }
      case 'retry':
        return messages.has(messageOf(line)) && !ended.has(messageOf(line)) ? [line] : []
      default:
        return messages.has(messageOf(line)) ? [line] : []
    }
  })
}

function messageOf({ channel, key }: { readonly channel: string; readonly key: string }): string {
  return `${channel} ${key}`
}
