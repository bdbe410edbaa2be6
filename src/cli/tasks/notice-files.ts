import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Notice } from '../../domain/notices/notice.ts'
import { knownNotices } from '../../domain/notices/known-notices.ts'
import { parseNoticeLines } from '../../domain/notices/notice-record.ts'
import { noticesFile, noticesFolder, seenFolder } from '../../config/home.ts'
import { onTick, watchFolder } from '../../platform/detached/shared-ticks.ts'
import { namesIn, textOf } from './plain-files.ts'

export interface ShownNotice extends Notice {
  /** Larger than that of all that came before; stays as it is when the daemon rewrites the file. */
  readonly position: number
  /** Its cause is gone (answered, merged, lifted), or the person has seen it. */
  readonly isOver: boolean
  /** Those that the person's rules send it to: `terminal` is the client's own to tell. */
  readonly channels: readonly string[]
  /** Quiet hours do not hold it back. */
  readonly isLoud: boolean
}

export interface NoticesSeen {
  /** Oldest first. */
  readonly notices: readonly ShownNotice[]
  /** Of the newest of all that came so far: what comes later is `after` this. */
  readonly position: number
}

/** The notices as the daemon left them on disk: no daemon needed. `after`: only what came behind that position. */
export function loadNotices(home: string, { after = 0 }: { readonly after?: number } = {}): NoticesSeen {
  const seen = new Set(namesIn(seenFolder({ root: home })))
  const known = [...knownNotices(parseNoticeLines(textOf(noticesFile({ root: home })))).notices.values()]
  const notices = known
    .filter(({ position }) => position > after)
    .map(({ notice, position, over, to, isLoud }) => ({
      ...notice,
      position,
      channels: to,
      isLoud,
      isOver: over !== undefined || seen.has(notice.id),
    }))
  return { notices, position: known.reduce((newest, { position }) => Math.max(newest, position), after) }
}

/**
 * What stands behind `after` at once, and again after every change to it: so the same ones come again, with what became of them, until
 * the caller asks behind them. Each answer has only what came or changed since the last one. Ends with the signal.
 */
export async function* followNotices(
  home: string,
  { after, signal }: { readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<NoticesSeen> {
  const alarm = watchNotices(home, signal)
  let told = new Map<string, string>()
  let isFirst = true
  try {
    for (;;) {
      if (signal.aborted) return
      const changed = alarm.next()
      const { notices, position } = loadNotices(home, { after })
      const fresh = notices.filter((notice) => told.get(notice.id) !== standOf(notice))
      told = new Map(notices.map((notice) => [notice.id, standOf(notice)]))
      if (fresh.length > 0 || isFirst) yield { notices: fresh, position }
      isFirst = false
      await changed
    }
  } finally {
    alarm.close()
  }
}

function standOf({ position, isOver }: ShownNotice): string {
  return `${position} ${isOver}`
}

/** Armed before each look, so that no change in between is missed. */
function watchNotices(home: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  const folders = [noticesFolder({ root: home }), seenFolder({ root: home })]
  for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 })
  let ring: () => void = () => {}
  const watchers = folders.map((folder) => watchFolder(folder, () => ring()))
  // Only where the machine has no watch left.
  const leaveTicks = watchers.includes(undefined) ? onTick(() => ring()) : undefined
  const stop = (): void => ring()
  signal.addEventListener('abort', stop, { once: true })
  return {
    next: () => new Promise((resolve) => (ring = resolve)),
    close: () => {
      signal.removeEventListener('abort', stop)
      for (const watcher of watchers) watcher?.close()
      leaveTicks?.()
    },
  }
}

/** Ids. */
export function openNoticesOf(home: string, handle: string): readonly string[] {
  const { notices } = loadNotices(home)
  return notices.filter((notice) => !notice.isOver && notice.handle === handle).map(({ id }) => id)
}

/** The person has seen these: nobody tells them any more. No daemon is needed; the next one takes it. */
export function markSeen(home: string, ids: readonly string[]): void {
  if (ids.length === 0) return
  const folder = seenFolder({ root: home })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const id of ids) writeFileSync(join(folder, id), '', { mode: 0o600 })
}
