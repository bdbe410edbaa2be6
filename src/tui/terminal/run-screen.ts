import type { Key } from './keys.ts'
import type { Screen } from './screen.ts'
import type { TerminalPage } from './terminal-page.ts'

/** What changes by itself is drawn so often at most; a key at once. */
const FRAME_MS = 50

/** Shows the screen on the page until it has ended or the signal aborts. */
export async function runScreen(screen: Screen, page: TerminalPage, signal: AbortSignal): Promise<void> {
  let drawnAt = -Infinity
  let waiting: NodeJS.Timeout | undefined
  let isPressing = false
  const draw = (): void => {
    clearTimeout(waiting)
    waiting = undefined
    drawnAt = performance.now()
    page.show(screen.draw(page.size))
  }
  const changed = (): void => {
    if (isPressing) return
    waiting ??= setTimeout(draw, Math.max(0, drawnAt + FRAME_MS - performance.now()))
  }
  const pressed = (keys: readonly Key[]): void => {
    isPressing = true
    for (const { name, at, text } of keys) {
      // Typed ahead of what has the terminal now: there it would mean something else, here it would do it twice.
      if (page.isHandedOver) break
      if (text === undefined) screen.press(name, at)
      else screen.paste(text)
    }
    isPressing = false
    draw()
  }
  const forget = screen.onChange(changed)
  page.open(pressed, draw)
  try {
    draw()
    await Promise.race([screen.ended, aborted(signal)])
  } finally {
    forget()
    clearTimeout(waiting)
    page.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
}
