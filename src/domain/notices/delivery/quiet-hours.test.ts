import { describe, expect, test } from 'vitest'
import { parseQuietHours, quietUntil } from './quiet-hours.ts'

/** The minute of the day that a clock on the wall shows there. */
function wall(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return (at) => {
    const [hour = 0, minute = 0] = format.format(at).split(':').map(Number)
    return hour * 60 + minute
  }
}

const berlin = wall('Europe/Berlin')
const end = (hours: string, now: string, minuteOf = wall('UTC')): string | undefined => {
  const parsed = parseQuietHours(hours)
  const at = parsed && quietUntil(parsed, Date.parse(now), minuteOf)
  return at === undefined ? undefined : new Date(at).toISOString()
}

test('they end when the clock on the wall says so, also after midnight', () => {
  expect(end('22:00-08:00', '2026-01-02T21:59:59Z')).toBeUndefined()
  expect(end('22:00-08:00', '2026-01-02T22:00:00Z')).toBe('2026-01-03T08:00:00.000Z')
  expect(end('22:00-08:00', '2026-01-03T07:59:59.999Z')).toBe('2026-01-03T08:00:00.000Z')
  expect(end('22:00-08:00', '2026-01-03T08:00:00Z')).toBeUndefined()
  expect(end('12:00-13:30', '2026-01-03T12:30:10Z')).toBe('2026-01-03T13:30:00.000Z')
  expect(end('12:00-13:30', '2026-01-03T13:30:00Z')).toBeUndefined()
})

describe('the night in which the clocks are set', () => {
  test('forward: an end that is skipped is the hour after it', () => {
    expect(end('22:00-08:00', '2026-03-28T23:00:00Z', berlin)).toBe('2026-03-29T06:00:00.000Z')
    expect(end('22:00-02:30', '2026-03-28T23:00:00Z', berlin)).toBe('2026-03-29T01:00:00.000Z')
  })

  test('back: an hour that comes twice is looked at twice', () => {
    expect(end('22:00-08:00', '2026-10-24T22:00:00Z', berlin)).toBe('2026-10-25T07:00:00.000Z')
    expect(end('22:00-02:30', '2026-10-24T22:00:00Z', berlin)).toBe('2026-10-25T00:30:00.000Z')
    expect(end('22:00-02:30', '2026-10-25T01:10:00Z', berlin)).toBe('2026-10-25T01:30:00.000Z')
  })
})

test.each(['', '22:00', '24:00-08:00', '22:60-08:00', '08:00-08:00', 'night', '22-8'])('%j is no such time', (text) => {
  expect(parseQuietHours(text)).toBeUndefined()
})
