import type { Span } from './line.ts'

/**
 * Content of files as a reviewer must see it: what would steer the terminal, or hide or reorder text, is shown and does nothing.
 * Control characters become their pictures, invisible and direction characters their code, a tab the spaces to its stop.
 */
export function visibleSpans(spans: readonly Span[], tabWidth = 4): Span[] {
  let column = 0
  return spans.map((span) => {
    const text = PLAIN.test(span.text) ? span.text : visible(span.text, column, tabWidth)
    column += text.length
    return { ...span, text }
  })
}

export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : visible(text, 0, 4)
}

const PLAIN = /^[ -~]*$/
const ODD = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
/** Asks for the coloured form of the character before it; everywhere else such a selector is out of place. */
const EMOJI_SELECTOR = /(?<=\p{Extended_Pictographic})\ufe0f/gu

function visible(text: string, column: number, tabWidth: number): string {
  let grown = 0
  return text.replace(EMOJI_SELECTOR, '').replace(ODD, (found, offset: number) => {
    const shown = found === '\t' ? ' '.repeat(tabWidth - ((column + offset + grown) % tabWidth)) : picture(found)
    grown += shown.length - found.length
    return shown
  })
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  return code === 0x7f ? '\u2421' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
