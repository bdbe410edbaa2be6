import { watch, type FSWatcher } from 'node:fs'

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

/** Where the machine has no watch left, or its file system tells nothing, the tick alone is slower, not wrong. */
export function onFolderChange(folder: string, listener: () => void): () => void {
  const leaveTicks = onTick(listener)
  const watcher = watchFolder(folder, () => listener())
  return () => {
    leaveTicks()
    watcher?.close()
  }
}

/** Told the name of what changed, where the system says it. Undefined where the machine has no watch left. */
export function watchFolder(folder: string, listener: (name?: string) => void): FSWatcher | undefined {
  try {
    return watch(folder, (_event, name) => listener(name ?? undefined)).on('error', () => {})
  } catch {
    return undefined
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
