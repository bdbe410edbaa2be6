import type { Line } from '../../../text/line.ts'

/** How one thing that waits is answered. */
export interface Form {
  /** What is typed in it and not sent. */
  readonly text: string
  readonly keys: string
  draw(width: number, rows: number): readonly Line[]
  /** The command line that says the answer; `pass`: the key means nothing here. */
  press(key: string): readonly string[] | 'pass' | undefined
  paste(text: string): void
}
