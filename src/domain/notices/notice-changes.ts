import type { KnownNotices } from './known-notices.ts'
import type { Notice, NoticeKind } from './notice.ts'

export interface NoticeChanges {
  readonly fresh: readonly Notice[]
  /** Taken for settled, and so still. */
  readonly again: readonly string[]
  readonly settled: readonly string[]
}

/** Of what happened once it is never no longer so: after this long nobody wants to be told. */
const STALE_MS = 2 * 24 * 3600_000
const HAPPENED: ReadonlySet<NoticeKind> = new Set(['landed', 'limit-lifted', 'finished'])

/** What stands now against what is on record. */
export function noticeChanges({ notices, silent }: KnownNotices, standing: readonly Notice[], now: number): NoticeChanges {
  const ids = new Set(standing.map(({ id }) => id))
  const isSettled = ({ id, kind, at }: Notice): boolean => (HAPPENED.has(kind) ? now - at > STALE_MS : !ids.has(id))
  return {
    fresh: standing.filter(({ id }) => !notices.has(id) && !silent.has(id)),
    again: standing.filter(({ id, kind }) => !HAPPENED.has(kind) && notices.get(id)?.over === 'settled').map(({ id }) => id),
    settled: [...notices.values()].filter(({ notice, over }) => over === undefined && isSettled(notice)).map(({ notice }) => notice.id),
  }
}
