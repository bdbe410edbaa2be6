import stringWidth from 'string-width'

/** A terminal's screen as a picture: text with the escapes of its colours, as `tmux capture-pane -e` prints it. */
export function screenSvg(screen: string, { columns, rows, title }: { columns: number; rows: number; title: string }): string {
  const [width, height] = [columns * CELL.width + 2 * EDGE, rows * CELL.height + 2 * EDGE + BAR]
  const lines = screen.replace(/\n$/, '').split('\n').slice(0, rows)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map((fill, at) => `<circle cx="${16 + at * 18}" cy="15" r="5" fill="${fill}"/>`),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" xml:space="preserve">`,
    ...lines.flatMap((line, row) => drawRow(line, row)),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** What such a picture says and says in every run, piece by piece: not what has a number (ages, costs, ids), nor what was cut to make room for one. */
export function svgWords(svg: string): string {
  const rows = new Map<string, string>()
  for (const [, y = '', text = ''] of svg.matchAll(/<text x="[\d.]+" y="(\d+)"[^>]*>(.*)<\/text>/g))
    rows.set(y, `${rows.get(y) ?? ''} ${text}`)
  const pieces = [...rows.values()].flatMap((row) => row.split(/[│─]+/)).map((piece) => piece.replaceAll(/\s+/g, ' ').trim())
  return pieces.filter((piece) => piece !== '' && !/[\d…]/.test(piece)).join('\n')
}

const CELL = { width: 7.8, height: 17 }
const EDGE = 12
const BAR = 22
const PAPER = '#16181d'
const INK = '#d5d8de'
/** The sixteen colours of a terminal. */
const COLORS =
  '#3b4048 #e06c75 #7fbf6a #d8b061 #61a8e8 #c083d6 #5cb8c2 #c8ccd4 #5f6672 #ff8087 #98d982 #f0ca7a #7fc0ff #d9a0ee #77d3dd #ffffff'.split(
    ' ',
  )

interface Look {
  readonly ink?: string
  readonly paper?: string
  readonly isBold?: boolean
  readonly isFaint?: boolean
  readonly isInverse?: boolean
}

function drawRow(line: string, row: number): readonly string[] {
  const y = EDGE + BAR + row * CELL.height
  let [column, look]: [number, Look] = [0, {}]
  const drawn: string[] = []
  for (const [at, piece] of line.split('\u001b[').entries()) {
    // Each but the first begins with codes.
    const [, codes = '', text = ''] = at === 0 ? [piece, undefined, piece] : (/^([\d;]*)m(.*)$/.exec(piece) ?? [])
    if (at > 0) look = dress(look, codes.split(';').map(Number))
    const width = stringWidth(text) * CELL.width
    drawn.push(...drawText(text, { x: EDGE + column * CELL.width, y, width }, look))
    column += stringWidth(text)
  }
  return drawn
}

function drawText(text: string, { x, y, width }: { x: number; y: number; width: number }, look: Look): readonly string[] {
  const [ink, paper] = look.isInverse ? [look.paper ?? PAPER, look.ink ?? INK] : [look.ink ?? INK, look.paper]
  const back =
    paper === undefined ? [] : [`<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${CELL.height}" fill="${paper}"/>`]
  if (text.trim() === '') return back
  const style = `${look.isBold ? ' font-weight="bold"' : ''}${look.isFaint ? ' opacity="0.6"' : ''}`
  // The length keeps columns straight whatever font the reader has.
  const place = `x="${round(x)}" y="${y + 13}" textLength="${round(width)}" lengthAdjust="spacingAndGlyphs"`
  return [...back, `<text ${place} fill="${ink}"${style}>${escape(text)}</text>`]
}

function dress(before: Look, codes: readonly number[]): Look {
  let look = before
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 0) look = {}
    else if (code === 1) look = { ...look, isBold: true }
    else if (code === 2) look = { ...look, isFaint: true }
    else if (code === 7) look = { ...look, isInverse: true }
    else if (code === 22) look = { ...look, isBold: false, isFaint: false }
    else if (code === 27) look = { ...look, isInverse: false }
    else if (code === 39) look = without(look, 'ink')
    else if (code === 49) look = without(look, 'paper')
    else if (code === 38 || code === 48) {
      const color = COLORS[codes[at + 2] ?? 0] ?? INK
      look = code === 38 ? { ...look, ink: color } : { ...look, paper: color }
      at += codes[at + 1] === 5 ? 2 : 4
    } else look = { ...look, ...colored(code) }
  }
  return look
}

function colored(code: number): Look {
  const at = code % 10
  if (code >= 30 && code <= 37) return { ink: COLORS[at] ?? INK }
  if (code >= 90 && code <= 97) return { ink: COLORS[at + 8] ?? INK }
  if (code >= 40 && code <= 47) return { paper: COLORS[at] ?? PAPER }
  return {}
}

function without(look: Look, name: 'ink' | 'paper'): Look {
  const { [name]: _gone, ...rest } = look
  return rest
}

function round(length: number): number {
  return Math.round(length * 10) / 10
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
