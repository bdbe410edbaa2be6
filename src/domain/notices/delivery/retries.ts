const FIRST_MS = 2000
const LONGEST_MS = 10 * 60_000
const GIVE_UP_AFTER_MS = 2 * 3600_000

/**
 * When a message that was not taken is tried again; undefined when nobody waits for it any longer. `failures`: of it so far, from 1 on.
 * `chance`: from 0 to 1, so that those who failed together do not come back together. What the receiver asked for counts.
 */
export function retryAt(
  { begunAt, failures, askedMs = 0 }: { readonly begunAt: number; readonly failures: number; readonly askedMs?: number | undefined },
  now: number,
  chance: number,
): number | undefined {
  const backOffMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.5 + chance / 2)
  const at = now + Math.max(backOffMs, askedMs)
  return at - begunAt > GIVE_UP_AFTER_MS ? undefined : at
}
