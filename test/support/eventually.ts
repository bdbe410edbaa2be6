import { watch, type FSWatcher } from 'node:fs'
import { inspect } from 'node:util'

export interface Eventually {
  /** What is waited for, as the end of "… not within 5000 ms". */
  readonly what: string
  readonly deadlineMs?: number
  /** A file or folder that exists and whose change may make the condition true: looked at on its events instead of every 20 ms. */
  readonly watching?: string
}

/** Where real sessions run the machine may be busy with them: vitest.config.ts says more there. */
const usualDeadlineMs = Number(process.env['UNTIL_DEADLINE_MS'] ?? 15_000)

type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>

/**
 * Waits until `condition` gives something truthy and returns it. The one place in the tests with a timer:
 * bounded by a deadline, and the error shows what the condition gave last. A condition that throws is asked again.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, deadlineMs = usualDeadlineMs, watching }: Eventually,
): Promise<Truthy<Awaited<T>>> {
  const endsAt = performance.now() + deadlineMs
  const alarm = makeAlarm(watching)
  let last: unknown
  try {
    for (;;) {
      const seen = alarm.arm()
      try {
        last = await beforeDeadline(condition, endsAt)
        if (last) return last as Truthy<Awaited<T>>
      } catch (error) {
        last = error
      }
      const left = endsAt - performance.now()
      if (left <= 0) throw new Error(`${what}: not within ${deadlineMs} ms; last seen: ${show(last)}`)
      await seen(left)
    }
  } finally {
    alarm.close()
  }
}

const stillWaiting = 'a condition that has not answered'

/** A condition that hangs must not outlive the deadline. */
async function beforeDeadline<T>(condition: () => T | Promise<T>, endsAt: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(stillWaiting)), Math.max(1, endsAt - performance.now()))
  })
  try {
    return await Promise.race([condition(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Armed before the condition looks, so that a change during the look is not lost. */
function makeAlarm(watching: string | undefined): { arm(): (leftMs: number) => Promise<void>; close(): void } {
  let ring: () => void = () => {}
  const watcher: FSWatcher | undefined = watching === undefined ? undefined : watch(watching, () => ring())
  watcher?.on('error', () => ring())
  return {
    arm() {
      const rung = new Promise<void>((resolve) => (ring = resolve))
      // Events of a file system may be lost or merged: with a watcher the poll is slow, not gone.
      const pollMs = watcher === undefined ? 20 : 250
      return async (leftMs) => {
        let timer: NodeJS.Timeout | undefined
        const poll = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(pollMs, leftMs))))
        await Promise.race([rung, poll])
        clearTimeout(timer)
      }
    },
    close: () => watcher?.close(),
  }
}

function show(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : inspect(value, { depth: 4, breakLength: 120 })
}
