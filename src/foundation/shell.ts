/** One word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A command line that a person can copy. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ')
}
