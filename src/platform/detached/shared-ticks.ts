/**
 * One timer for all sessions: file watching may miss an event and a killed wrapper writes nothing, so each is looked at every other second.
 * Runs only while somebody listens.
 */
export function onTick(listener: (tick: number) => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

const TICK_MS = 2000
const listeners = new Set<(tick: number) => void>()
let timer: NodeJS.Timeout | undefined
let ticks = 0

function tick(): void {
  ticks++
  for (const listener of listeners) listener(ticks)
}
