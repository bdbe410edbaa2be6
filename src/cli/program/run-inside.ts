import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Context } from '../context.ts'
import { exitCodeOf, renderError } from '../failures.ts'
import { safeJson } from '../output.ts'
import { makeStyles } from '../styles.ts'

/** What a command line that ran inside this process would have printed, and how it would have ended. */
export interface RanInside {
  readonly exitCode: number
  /** What goes to stdout. */
  readonly answers: string
  /** What goes to stderr: narration, and what went wrong. */
  readonly notes: string
}

/** For whoever has no terminal of their own to give: Claude Code's hooks, MCP, the palette. Arguments are a list, so nothing in them reaches a shell. */
export async function runInside(context: Context, argv: readonly string[], view: View = {}): Promise<RanInside> {
  const [answers, notes] = [openPage(view), openPage(view)]
  const inside: Context = {
    ...context,
    interruption: () => view.signal ?? new AbortController().signal,
    output: {
      answers: answers.channel,
      narration: notes.channel,
      answer: (text) => answers.write(`${text}\n`),
      json: (value) => answers.write(`${safeJson(value)}\n`),
      note: (text) => {
        notes.write(`${text}\n`)
        view.onNote?.(text)
      },
    },
  }
  const exitCode = await run(inside, argv)
  return { exitCode, answers: answers.text(), notes: notes.text() }
}

interface View {
  readonly columns?: number
  readonly signal?: AbortSignal
  /** Hears each line of narration when it is said. */
  readonly onNote?: (line: string) => void
}

async function run(inside: Context, argv: readonly string[]): Promise<number> {
  const [{ commands }, { runProgram }] = await Promise.all([import('../command-table.ts'), import('./program.ts')])
  try {
    return await runProgram(inside, commands, argv)
  } catch (error) {
    inside.output.note(renderError(error, join(inside.home, 'daemon.log')))
    return exitCodeOf(error)
  }
}

function openPage({ columns = 100 }: View) {
  let text = ''
  const write = (piece: string): void => void (text += piece)
  const stream = new Writable({
    decodeStrings: false,
    write: (piece: Buffer | string, _encoding, done) => {
      write(piece.toString())
      done()
    },
  })
  const channel = {
    // Nobody asks a page of text to move its cursor: what only a terminal can do is done where `isTerminal`.
    stream: stream as unknown as NodeJS.WriteStream,
    isTerminal: false,
    columns,
    rows: 24,
    isColored: false,
    styles: makeStyles(false),
  }
  return { channel, write, text: () => text }
}
