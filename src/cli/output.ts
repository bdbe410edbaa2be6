import { plainLine } from '../foundation/text.ts'
import { makeStyles } from './styles.ts'
import type { Styles } from './styles.ts'

/** Answers go to stdout, narration to stderr. Nothing else in the cli writes to either. */
export interface Output {
  readonly answers: Channel
  readonly narration: Channel
  answer(this: void, text: string): void
  json(this: void, value: unknown): void
  note(this: void, text: string): void
}

export interface Channel {
  readonly stream: NodeJS.WriteStream
  readonly isTerminal: boolean
  readonly columns: number
  readonly rows: number
  readonly isColored: boolean
  readonly styles: Styles
}

type Environment = Readonly<Record<string, string | undefined>>

export function openOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  environment: Environment,
  argv: readonly string[],
): Output {
  const answers = openChannel(stdout, environment, argv)
  const narration = openChannel(stderr, environment, argv)
  // A reader that has seen enough (`orch list | head -1`) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  stderr.on('error', () => {})
  return {
    answers,
    narration,
    answer: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${safeJson(value, answers.isTerminal ? 2 : 0)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
  }
}

/** JSON escapes only the first of the characters that steer a terminal; the others are written as escapes too, so that the value stays and nothing is steered. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (found) =>
    found === '\n'
      ? found
      : Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}

/** https://no-color.org and its counterpart: the flag wins, then NO_COLOR, then FORCE_COLOR, then the terminal. */
function wantsColor(environment: Environment, argv: readonly string[], isTerminal: boolean): boolean {
  if (argv.includes('--no-color')) return false
  if ((environment['NO_COLOR'] ?? '') !== '') return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTerminal && environment['TERM'] !== 'dumb'
}

/** Long work says what it does, but only once it is long; nothing where `what` is empty. */
export async function narrated<T>(output: Output, what: string, work: Promise<T>): Promise<T> {
  if (what === '') return work
  const timer = setTimeout(() => output.note(`${plainLine(what)} …`), 400)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}

function openChannel(stream: NodeJS.WriteStream, environment: Environment, argv: readonly string[]): Channel {
  const isTerminal = stream.isTTY
  const isColored = wantsColor(environment, argv, isTerminal)
  return {
    stream,
    isTerminal,
    get columns() {
      const asked = Number(environment['COLUMNS'])
      return stream.columns ?? (Number.isInteger(asked) && asked > 0 ? asked : 120)
    },
    get rows() {
      return stream.rows ?? 24
    },
    isColored,
    styles: makeStyles(isColored),
  }
}
