export type ShellWords =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'unclosed'; readonly quote: string }

/**
 * The words of a line that a person typed, parted and quoted as in a POSIX shell; nothing is expanded, replaced or run. Only an apostrophe within a word (`don't`)
 * is a letter here, not an opening quote: who writes prose means it so.
 */
export function shellWords(line: string): ShellWords {
  const words: string[] = []
  // Undefined between two words: `''` is a word, no characters are none.
  let word: string | undefined
  for (let at = 0; at < line.length;) {
    const found = pieceAt(line, at, word)
    if (found === undefined) return { kind: 'unclosed', quote: line.charAt(at) }
    if (found.kind === 'piece') word = (word ?? '') + found.text
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
    at += found.length
  }
  return { kind: 'words', words: word === undefined ? words : [...words, word] }
}

type Piece = { readonly kind: 'gap'; readonly length: number } | { readonly kind: 'piece'; readonly text: string; readonly length: number }

/** What begins at `at`; undefined is a quote that never ends. */
function pieceAt(line: string, at: number, word: string | undefined): Piece | undefined {
  const rest = line.slice(at)
  const [gap] = /^\s+/.exec(rest) ?? []
  if (gap !== undefined) return { kind: 'gap', length: gap.length }
  if (rest.startsWith("'") && !/[\p{L}\p{N}]$/u.test(word ?? '')) return quoted(/^'([^']*)'/.exec(rest), (text) => text)
  if (rest.startsWith('"')) return quoted(/^"((?:[^"\\]|\\.)*)"/s.exec(rest), (text) => text.replace(/\\(["\\$`])|\\\n/g, '$1'))
  const [escaped] = /^\\./su.exec(rest) ?? []
  if (escaped !== undefined) return { kind: 'piece', text: escaped === '\\\n' ? '' : escaped.slice(1), length: escaped.length }
  const [plain = rest.charAt(0)] = /^[^\s'"\\]+/.exec(rest) ?? []
  return { kind: 'piece', text: plain, length: plain.length }
}

function quoted(found: RegExpExecArray | null, meant: (text: string) => string): Piece | undefined {
  return found === null ? undefined : { kind: 'piece', text: meant(found[1] ?? ''), length: found[0].length }
}
