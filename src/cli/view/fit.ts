import stringWidth from 'string-width'

/** Cut to so many terminal cells (wide characters take two), with an ellipsis for what is lost. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let taken = 0
  for (const point of text) {
    taken += stringWidth(point)
    if (taken > width - 1) break
    kept += point
  }
  return `${kept}…`
}

/** Broken at spaces into at most so many lines of that width; the last is cut where there is more. */
export function wrap(text: string, width: number, mostLines: number): string[] {
  const lines: string[] = []
  let rest = text
  while (lines.length < mostLines - 1 && stringWidth(rest) > width) {
    const room = fit(rest, width + 1).slice(0, -1)
    const space = room.lastIndexOf(' ')
    const end = space > width / 2 ? space : room.length
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, fit(rest, width)]
}
