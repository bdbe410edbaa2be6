/** Minutes of the day: from the first on, until before the second. */
export interface QuietHours {
  readonly from: number
  readonly to: number
}

const MINUTE_MS = 60_000
const LONGEST_MINUTES = 26 * 60

/**
 * When the quiet hours that `now` lies in are over; undefined when it lies in none. `minuteOf`: the minute of the local day at that
 * time, whatever the clocks are set to: an hour that is skipped or comes twice is looked at as the clock on the wall shows it.
 */
export function quietUntil({ from, to }: QuietHours, now: number, minuteOf: (at: number) => number): number | undefined {
  const isQuiet = (at: number): boolean => {
    const minute = minuteOf(at)
    return from <= to ? from <= minute && minute < to : minute >= from || minute < to
  }
  if (!isQuiet(now)) return undefined
  const first = Math.floor(now / MINUTE_MS) * MINUTE_MS
  for (let ahead = 1; ahead <= LONGEST_MINUTES; ahead++) if (!isQuiet(first + ahead * MINUTE_MS)) return first + ahead * MINUTE_MS
  return undefined
}

/** As `22:00-08:00`; undefined for what is no such text, or the whole day. */
export function parseQuietHours(text: string): QuietHours | undefined {
  const [, ...parts] = /^(\d{1,2}):(\d{2}) ?[-–] ?(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? []
  const [fromHour = 99, fromMinute = 99, toHour = 99, toMinute = 99] = parts.map(Number)
  if (fromHour > 23 || fromMinute > 59 || toHour > 23 || toMinute > 59) return undefined
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
  return from === to ? undefined : { from, to }
}
