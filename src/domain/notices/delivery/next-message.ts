import type { ChannelRecord } from './deliveries.ts'
import type { KnownNotice } from '../known-notices.ts'
import { SAME_THING_MS, thingOf } from '../notice.ts'

export type NextMessage =
  | { readonly kind: 'nothing' }
  /** Nothing to do before that time, as things stand. */
  | { readonly kind: 'wait'; readonly until: number }
  /** `key`: of a message that was begun already. */
  | { readonly kind: 'tell'; readonly key: string | undefined; readonly ids: readonly string[] }
  /** It was begun, and everything in it is over. */
  | { readonly kind: 'drop'; readonly key: string }

export interface ChannelView {
  readonly channel: string
  readonly notices: Iterable<KnownNotice>
  readonly record: ChannelRecord
  readonly now: number
  /** The end of the quiet hours, where it is quiet now. */
  readonly quietUntil: number | undefined
}

/** What comes within this time goes as one message. */
const GATHER_MS = 2000
/** Between two messages of a channel. */
const GAP_MS = 10_000

export function nextMessage(view: ChannelView): NextMessage {
  const { record, now } = view
  const all = [...view.notices].filter(({ to }) => to.includes(view.channel))
  if (record.open !== undefined) return goOnWith(record.open, all, view)
  const open = all.filter(({ over, notice }) => over === undefined && !record.told.has(notice.id))
  if (open.length === 0) return { kind: 'nothing' }
  const lastOf = lastByThing(all, record)
  const times = open.map((known) => ({ id: known.notice.id, ...timesOf(known, view, lastOf.get(thingOf(known.notice))) }))
  const first = Math.min(...times.map(({ gathered }) => gathered))
  if (first > now) return { kind: 'wait', until: first }
  return { kind: 'tell', key: undefined, ids: times.filter(({ allowed }) => allowed <= now).map(({ id }) => id) }
}

/** The same message once more, unless there is nothing left to tell. */
function goOnWith(
  { key, ids, begunAt, notBefore }: NonNullable<ChannelRecord['open']>,
  all: readonly KnownNotice[],
  { now, quietUntil }: ChannelView,
): NextMessage {
  const own = all.filter(({ notice }) => ids.includes(notice.id))
  if (own.every(({ over }) => over !== undefined)) return { kind: 'drop', key }
  const until = Math.max(isPast(begunAt, now) ? notBefore : now, own.some(({ isLoud }) => isLoud) ? now : (quietUntil ?? now))
  return until > now ? { kind: 'wait', until } : { kind: 'tell', key, ids }
}

/** `gathered`: when it goes by itself; `allowed`: when it may go along with others. */
function timesOf(
  { foundAt, isLoud }: KnownNotice,
  { record, now, quietUntil }: ChannelView,
  lastOfThing: number | undefined,
): { readonly allowed: number; readonly gathered: number } {
  const quiet = isLoud ? now : (quietUntil ?? now)
  const after = (at: number | undefined, ms: number): number => (isPast(at, now) ? at + ms : 0)
  const allowed = Math.max(quiet === now ? 0 : quiet, after(lastOfThing, SAME_THING_MS))
  return { allowed, gathered: Math.max(allowed, after(foundAt, GATHER_MS), after(record.lastAt, GAP_MS)) }
}

/** What lies ahead was written by a clock that has been set back since: nobody waits until it gets there again. */
function isPast(at: number | undefined, now: number): at is number {
  return at !== undefined && at <= now
}

function lastByThing(all: readonly KnownNotice[], { told }: ChannelRecord): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  for (const { notice } of all) {
    const at = told.get(notice.id)
    if (at !== undefined) last.set(thingOf(notice), Math.max(at, last.get(thingOf(notice)) ?? 0))
  }
  return last
}
