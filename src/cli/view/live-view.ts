import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { fleetLines, totals } from './fleet-lines.ts'

export interface LiveView {
  /** A task changed: redraws on a terminal, prints the line elsewhere. */
  changed(line: string): void
  /** Something said once, above the table. */
  line(text: string): void
  close(): void
}

/** Redrawn in place on a terminal, each second for the ages; plain lines where there is none. */
export async function openLiveView(context: Context, tasks: () => readonly TaskStatus[]): Promise<LiveView> {
  const { narration, note } = context.output
  if (!narration.isTerminal) return { changed: note, line: note, close: () => {} }
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(narration.stream)
  const lines = () =>
    fleetLines(tasks(), { columns: narration.columns, rows: narration.rows, now: context.now(), styles: narration.styles })
  const draw = () => screen(`${lines()}\n${totals(tasks())}`)
  const timer = setInterval(draw, 1000)
  return {
    changed: draw,
    line: (text) => {
      screen.clear()
      note(text)
      draw()
    },
    close: () => {
      clearInterval(timer)
      // The answer that follows says the totals.
      screen(lines())
      screen.done()
    },
  }
}
