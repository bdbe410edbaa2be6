/** Time as a dependency, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: async (ms, signal) => {
    for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) await timer(Math.min(left, LONGEST_TIMER_MS), signal)
    signal?.throwIfAborted()
  },
}

export interface Patience {
  readonly clock: Clock
  readonly ms: number
  /** Ends at the next change; asked before each look, so that none is missed. */
  readonly changed: () => Promise<unknown>
}

/** Looks again after every change until it is enough or a while has passed; answers what was seen last. */
export async function lookUntil<T>(
  { clock, ms, changed }: Patience,
  look: () => T | Promise<T>,
  isEnough: (seen: T) => boolean,
): Promise<T> {
  const enough = new AbortController()
  const late = clock.wait(ms, enough.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  try {
    for (;;) {
      const change = changed()
      const seen = await look()
      if (isEnough(seen) || (await Promise.race([change, late])) === 'late') return seen
    }
  } finally {
    enough.abort()
  }
}

/** Node turns a longer timer into one of 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timeout)
      reject(signal?.reason)
    }
    const timeout = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Of the local day, by the clock on the wall. */
export function minuteOfDay(at: number): number {
  const local = new Date(at)
  return local.getHours() * 60 + local.getMinutes()
}
