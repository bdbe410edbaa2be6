/** Messages of one sender within a minute; what is more waits in its outbox. */
export const MOST_PER_MINUTE = 30
const MINUTE_MS = 60_000

/** When the next message of a sender may be taken, whose last ones were taken at these times: 0 for now, else in so many milliseconds. */
export function waitMs(takenAt: readonly number[], now: number): number {
  const recent = takenAt.filter((at) => at > now - MINUTE_MS && at <= now).toSorted((a, b) => a - b)
  const first = recent.at(-MOST_PER_MINUTE)
  return first === undefined ? 0 : first + MINUTE_MS - now
}
