import { mkdirSync, watch } from 'node:fs'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'

const REDRAW_MS = 1000

/** Until Ctrl-C: redraws every second for the ages, and as soon as something in the folder changes; from files only, so it needs no daemon. */
export async function watchPage(context: Context, page: () => string, folder: string): Promise<number> {
  const interruption = context.interruption()
  const { stream, isTerminal } = context.output.answers
  const draw = await openPage(stream, isTerminal, '`orch monitor` without --watch')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let shown = ''
  const redraw = () => {
    const next = page()
    if (isTerminal || next !== shown) draw.show(next)
    shown = next
  }
  redraw()
  const watcher = watch(folder, redraw)
  const timer = setInterval(redraw, REDRAW_MS)
  await new Promise<void>((resolve) => interruption.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(timer)
  watcher.close()
  draw.end()
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

export interface Page {
  show(this: void, text: string): void
  end(this: void): void
}

/** Redrawn in place on a terminal, one after the other elsewhere. `whole`: what shows all of a page that is too long. */
export async function openPage(stream: NodeJS.WriteStream, isTerminal: boolean, whole: string): Promise<Page> {
  if (!isTerminal) return { show: (text) => void stream.write(`${text}\n\n`), end: () => {} }
  const [{ createLogUpdate }, { fit }] = await Promise.all([import('log-update'), import('./fit.ts')])
  const screen = createLogUpdate(stream)
  return { show: (text) => screen(cropped(text, stream, fit, whole)), end: () => screen.done() }
}

/** More lines than the terminal has cannot be redrawn in place; the most urgent stand at the top. */
function cropped(text: string, { rows, columns }: NodeJS.WriteStream, fit: (line: string, width: number) => string, whole: string): string {
  const lines = text.split('\n')
  const hidden = lines.length - rows + 2
  const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${hidden} more lines: ${whole} shows all`]
  // A line that wraps would be two; those with colours fit already.
  return shown.map((line) => fit(line, columns)).join('\n')
}
