import { plainBlock, plainLine } from '../../foundation/text.ts'

/** Text of an agent or a person in a line of Markdown: it is shown as it was written, links nowhere, calls nobody and begins nothing. */
export function markdownLine(text: string, longest = 500): string {
  return plainLine(text, longest)
    .replace(ACTIVE, (found) => ENTITIES[found] ?? `\\${found}`)
    .replace(LINKS, (found) => found.replace(/[:.]/, (mark) => (mark === ':' ? '&#58;' : '&#46;')))
    .replace(BEGINNING, (found) => (/\d/.test(found) ? `${found.slice(0, -1)}\\${found.slice(-1)}` : `\\${found}`))
}

const ACTIVE = /[\\`*_{}[\]()<>|~$!&@#]/g
/** What forges read as a person or an issue even behind a backslash. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '@': '&#64;', '#': '&#35;' }
const LINKS = /:\/\/|\bwww\.|\bmailto:/gi
const BEGINNING = /^(?:[-+=]|\d+[.)])/

/** The same for several lines, as a quotation. */
export function markdownQuote(text: string, longest = 4000): string {
  const plain = plainBlock(text).trim()
  const cut = plain.length <= longest ? plain : `${plain.slice(0, longest)}\n[…]`
  return cut
    .split('\n')
    .map((line) => `> ${markdownLine(line, Infinity)}`.trimEnd())
    .join('\n')
}

/** A name, commit or path. */
export function markdownCode(text: string): string {
  const plain = plainLine(text, 300).replaceAll('`', "'").replaceAll('|', '\\|')
  return plain === '' ? '' : `\`${plain}\``
}

/** Cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** `2026-01-31 14:05`, UTC. */
export function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
