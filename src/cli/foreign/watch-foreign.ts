import { watchFolder } from '../../platform/detached/shared-ticks.ts'
import type { Context } from '../context.ts'
import { loadSettings } from '../reading/monitor.ts'
import { foreignLine } from './foreign-lines.ts'
import { notesFolder } from './foreign-sessions.ts'
import { shownForeign } from './shown-foreign.ts'

interface Shown {
  showForeign(lines: readonly string[]): void
  /** Aborted when nobody looks any more. */
  readonly ended: AbortSignal
}

/** However busy the sessions are: where one is not ours, a look starts Claude Code. */
const LOOK_AGAIN_MS = 30_000

/** For a screen that stays: looked at once, then when Claude Code's own notes of live sessions have changed. Nothing is asked again and again. */
export async function watchForeign(context: Context, isAll: boolean, shown: Shown): Promise<void> {
  // Narration would be written into the screen; settings that cannot be read are the monitor's to tell.
  const { program } = await loadSettings({ ...context, output: { ...context.output, note: () => {} } })
  if (shown.ended.aborted) return
  let waiting: NodeJS.Timeout | undefined
  let lookedAt = -Infinity
  const watcher = watchFolder(notesFolder(context.environment), changed)
  shown.ended.addEventListener('abort', end, { once: true })
  changed()
  function changed(): void {
    waiting ??= setTimeout(() => void look(), Math.max(0, lookedAt + LOOK_AGAIN_MS - performance.now()))
  }
  async function look(): Promise<void> {
    waiting = undefined
    lookedAt = performance.now()
    const found = await shownForeign(context, isAll, program).catch(() => [])
    shown.showForeign(found.map((session) => foreignLine(session)))
  }
  function end(): void {
    watcher?.close()
    clearTimeout(waiting)
  }
}
