import { dirname } from 'node:path'
import { systemClock } from '../../../platform/clock.ts'
import { watchFolder } from '../../../platform/detached/shared-ticks.ts'
import type { ProcessIdentity } from '../../../platform/process-identity.ts'
import { followNotices, loadNotices, type NoticesSeen, type ShownNotice } from '../../tasks/notice-files.ts'
import { renderNews, TOLD_KINDS } from './news-text.ts'
import { beginTelling, loadStanding, type Standing } from './tellings.ts'

export interface Listener {
  readonly home: string
  /** Of this session, `orchestratorFolder`. */
  readonly folder: string
  readonly transcript: string
  readonly claude: ProcessIdentity | undefined
  /** Those that it hears of: one may become known while it waits. */
  projects(): readonly string[]
  now(): number
}

/** The words to tell, once there are any. Undefined when the signal came first. What came together within `gatherMs` is told together. */
export async function waitForNews(listener: Listener, gatherMs: number, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    const standing = await openStanding(listener, signal)
    if (standing === undefined) return undefined
    await untilSomething(listener, standing.after, signal)
    await pause(gatherMs, signal)
    if (signal.aborted) return undefined
    const words = await tell(listener, standing)
    if (words !== undefined) return words
  }
  return undefined
}

/** What is there now, if anything; undefined also where another is telling it at this moment. */
export async function takeNews(listener: Listener): Promise<string | undefined> {
  const standing = await loadStanding(listener.home, listener.folder, listener.now())
  return standing.kind === 'open' ? tell(listener, standing) : undefined
}

async function tell(listener: Listener, standing: Standing & { kind: 'open' }): Promise<string | undefined> {
  const seen = loadNotices(listener.home, { after: standing.after })
  const notices = toldOf(listener, seen)
  if (notices.length === 0) return undefined
  const { transcript, claude } = listener
  const telling = await beginTelling(listener.folder, standing, { to: seen.position, at: listener.now(), transcript, claude })
  return telling && renderNews(notices, telling.mark)
}

function toldOf(listener: Listener, { notices }: NoticesSeen): readonly ShownNotice[] {
  const projects = listener.projects()
  return notices.filter(
    ({ kind, isOver, project }) => !isOver && TOLD_KINDS.includes(kind) && (project === undefined || projects.includes(project)),
  )
}

async function untilSomething(listener: Listener, after: number, signal: AbortSignal): Promise<void> {
  for await (const seen of followNotices(listener.home, { after, signal })) if (toldOf(listener, seen).length > 0) return
}

/** When what others told has come, or cannot come any more: each line of the transcript may show it. */
async function openStanding(listener: Listener, signal: AbortSignal): Promise<(Standing & { kind: 'open' }) | undefined> {
  while (!signal.aborted) {
    // Armed before the look, so that no line in between is missed.
    const grown = new AbortController()
    const watcher = watchFolder(dirname(listener.transcript), () => grown.abort())
    try {
      const standing = await loadStanding(listener.home, listener.folder, listener.now())
      if (standing.kind === 'open') return standing
      await pause(standing.untilMs - listener.now(), AbortSignal.any([signal, grown.signal]))
    } finally {
      watcher?.close()
    }
  }
  return undefined
}

/** Shorter when the signal comes. */
function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return systemClock.wait(forMs, signal).catch(() => undefined)
}
