/** Who has a session in a terminal: the process of `orch attach`, proven by when it began, and the terminal it is in. */
export type TerminalClient = {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
  /** `/dev/pts/3`. */
  readonly terminal?: string
}
