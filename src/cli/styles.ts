type Style = (text: string) => string

/** The few styles that orch uses. Our own, because loading a library for them is 8 ms of every command's start. */
export interface Styles {
  readonly bold: Style
  readonly dim: Style
  readonly red: Style
  readonly green: Style
  readonly yellow: Style
  readonly magenta: Style
  readonly cyan: Style
}

export function makeStyles(isColored: boolean): Styles {
  const style = (on: number, off: number): Style => (isColored ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text)
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    magenta: style(35, 39),
    cyan: style(36, 39),
  }
}
