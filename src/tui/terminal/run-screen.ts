import { Box, render, Text, useInput } from 'ink'
import { createElement, useEffect, useMemo, useReducer, type ReactElement } from 'react'
import { paint } from '../text/paint.ts'
import type { Screen } from './screen.ts'
import { ENTER_PASTE_MODE, LEAVE_PASTE_MODE, typeInto } from './typed.ts'

interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly isColored: boolean
}

/** Shows the screen on the terminal's alternate page until it has ended; what was there before comes back. */
export async function runScreen(screen: Screen, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = terminal
  stdout.write(ENTER_PAGE)
  const shown = render(createElement(View, { screen, terminal }), { stdin, stdout, exitOnCtrlC: false, patchConsole: false })
  try {
    await Promise.race([screen.ended, shown.waitUntilExit(), aborted(signal)])
  } finally {
    shown.unmount()
    // Its last words are written in the next turns, and must not be over what comes back.
    await shown.waitUntilExit()
    stdout.write(LEAVE_PAGE)
    // Ink may leave it reading, and the program would not end.
    stdin.unref()
  }
}

const ENTER_PAGE = `\u001b[?1049h\u001b[2J\u001b[H${ENTER_PASTE_MODE}`
const LEAVE_PAGE = `${LEAVE_PASTE_MODE}\u001b[?1049l`
const CLEAR = '\u001b[2J\u001b[H'

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
}

function View({ screen, terminal: { stdout, isColored } }: { screen: Screen; terminal: Terminal }): ReactElement {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => screen.onChange(redraw), [screen])
  useEffect(() => {
    const resized = (): void => {
      stdout.write(CLEAR)
      redraw()
    }
    stdout.on('resize', resized)
    return () => void stdout.off('resize', resized)
  }, [stdout])
  const typed = useMemo(() => typeInto(screen), [screen])
  useInput(typed)
  // One row less than there are: at full height Ink clears the terminal for each drawing, and what was scrolled away with it.
  const lines = screen.draw({ columns: stdout.columns, rows: stdout.rows - 1 })
  return createElement(
    Box,
    { flexDirection: 'column', width: stdout.columns, height: stdout.rows - 1 },
    lines.map((line, at) => createElement(Text, { key: at, wrap: 'truncate-end' }, paint(line, isColored) || ' ')),
  )
}
