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
