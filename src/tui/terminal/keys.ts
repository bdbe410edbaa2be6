import type { Key } from 'ink'

/** What was typed, as names of keys. A paste, or what is typed faster than it is read, comes as one text. */
export function keyNames(input: string, key: Key): readonly string[] {
  // Escape and the next key, typed fast, cannot be told from that key with Alt, which means nothing here.
  return key.meta && !key.escape ? ['escape', ...plainNames(input, key)] : plainNames(input, key)
}

function plainNames(input: string, key: Key): readonly string[] {
  const named = NAMED.find(([field]) => key[field])
  if (named !== undefined && input.length <= 1) return [named[1]]
  if (key.ctrl && input !== '') return [`ctrl-${input}`]
  return [...input].flatMap((character) => CHARACTERS[character] ?? (character < ' ' ? [] : [character]))
}

const NAMED: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  // The key above Enter sends this in most terminals.
  ['delete', 'backspace'],
]

const CHARACTERS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  // Ctrl-J: what Enter is not where a text has lines.
  '\n': 'newline',
  '\t': 'tab',
  '\u001b': 'escape',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'ctrl-c',
}
