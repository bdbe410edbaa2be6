import type { LogResponse } from '../../../protocol/responses.ts'
import type { Line, Tone } from '../../text/line.ts'
import { visibleText } from '../../text/visible.ts'
import { wrapWords } from '../../text/wrap-words.ts'

/** One thing that a session said or did. */
export type Saying = LogResponse['lines'][number]

/** Broken at spaces into rows of that width, behind the sign of its kind. */
export function sayingRows({ kind, text, at }: Saying, columns: number): readonly Line[] {
  const [sign, tone] = SIGNS[kind] ?? ['·', undefined]
  const words = kind === 'turn-ended' ? `${text} · ${clockTime(at)}` : text
  const rows = words
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((line) => wrapWords(visibleText(line), Math.max(10, columns - 2)))
  return rows.map((row, index): Line => [
    { text: index === 0 ? `${sign} ` : '  ', tone },
    { text: row, tone: wordsTone(kind, tone) },
  ])
}

function wordsTone(kind: string, tone: Tone | undefined): Tone | undefined {
  return kind === 'text' ? undefined : tone
}

/** The signs of kinds; words without one are told apart all the same. */
const SIGNS: Readonly<Record<string, readonly [sign: string, tone: Tone | undefined]>> = {
  text: ['●', 'strong'],
  'tool-started': ['›', 'key'],
  'tool-ended': ['✗', 'bad'],
  'permission-asked': ['!', 'warning'],
  retrying: ['~', 'warning'],
  limit: ['~', 'warning'],
  'turn-ended': ['─', 'faint'],
  started: ['─', 'faint'],
  exited: ['─', 'faint'],
}

/** The time of day where the person is. */
function clockTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 5)
}
