/** Text of somebody else as a block of Markdown that it cannot end: the fence is longer than any in it. At most `most` characters of it. */
export function fenced(text: string, language = '', most = 6000): string {
  const shown = text.length <= most ? text : `${text.slice(0, most)}\n… (cut)`
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${shown.trimEnd()}\n${fence}`
}
