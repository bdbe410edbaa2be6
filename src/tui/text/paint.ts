import type { Line, Span, Tone } from './line.ts'

/** Select Graphic Rendition codes: what switches a look on, and what switches it off. The sixteen colours follow the person's theme. */
const LOOKS: Readonly<Record<Tone, readonly [on: string, off: string]>> = {
  added: ['32', '39'],
  removed: ['31', '39'],
  heading: ['1;36', '22;39'],
  faint: ['2', '22'],
  strong: ['1', '22'],
  key: ['36', '39'],
  good: ['32', '39'],
  bad: ['31', '39'],
  warning: ['33', '39'],
  keyword: ['35', '39'],
  string: ['33', '39'],
  number: ['36', '39'],
  comment: ['2', '22'],
  name: ['34', '39'],
  type: ['36', '39'],
}

const MARK = ['1;7', '22;27'] as const

/** The line as a terminal is told it. */
export function paint(line: Line, isColored: boolean): string {
  return line
    .map((span) => `${span.column === undefined ? '' : `\u001b[${span.column + 1}G`}${isColored ? colored(span) : span.text}`)
    .join('')
}

function colored({ text, tone, isMarked }: Span): string {
  const toned = tone === undefined || text === '' ? text : dress(text, LOOKS[tone])
  return isMarked === true ? dress(toned, MARK) : toned
}

function dress(text: string, [on, off]: readonly [string, string]): string {
  return `\u001b[${on}m${text}\u001b[${off}m`
}
