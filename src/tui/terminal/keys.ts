import type { Place } from './screen.ts'

export interface Key {
  /** `paste`: `text` is what was pasted. */
  readonly name: string
  readonly at?: Place
  readonly text?: string
}

/** Names the keys in what a terminal sends, which may come in pieces. */
export class KeyReader {
  #rest = ''

  /** Whether the beginning of something is kept: a lone Escape, unless more comes at once. */
  get isUndecided(): boolean {
    return this.#rest !== '' && !this.#rest.startsWith(PASTE)
  }

  read(text: string): readonly Key[] {
    const keys: Key[] = []
    let rest = this.#rest + text
    while (rest !== '') {
      const found = firstKey(rest)
      if (found === undefined) break
      keys.push(...found.keys)
      rest = rest.slice(found.length)
    }
    this.#rest = rest
    return keys
  }

  /** Nothing more has come: what is kept is taken for what it looks like. */
  decide(): readonly Key[] {
    const [first = '', ...others] = this.#rest
    this.#rest = ''
    return first === '' ? [] : [...named(CHARACTERS[first] ?? first), ...others.flatMap((character) => named(character))]
  }
}

interface Found {
  readonly keys: readonly Key[]
  readonly length: number
}

const ESCAPE = '\u001b'
const PASTE = `${ESCAPE}[200~`
const PASTE_END = `${ESCAPE}[201~`

/** Undefined while its end has not come. */
function firstKey(text: string): Found | undefined {
  if (!text.startsWith(ESCAPE)) return plainKey(text)
  if (text.startsWith(PASTE)) return pasted(text)
  const sequence = SEQUENCE.exec(text)
  if (sequence !== null) return { keys: sequenceKeys(sequence), length: sequence[0].length }
  if (text === ESCAPE || BEGUN.test(text)) return undefined
  // Escape and the next key, typed fast, cannot be told from that key with Alt, which means nothing here.
  return { keys: named('escape'), length: 1 }
}

/** Parameters and the letter that says what it is; or the older form of the arrows. */
// oxlint-disable-next-line no-control-regex -- what terminals send begins with a control character
const SEQUENCE = /^\u001b(?:\[([0-9;:<=>?]*)[ -/]*([@-~])|O([A-Za-z]))/
// oxlint-disable-next-line no-control-regex -- as above
const BEGUN = /^\u001b(?:\[[0-9;:<=>?]*[ -/]*|O)$/

function plainKey(text: string): Found {
  const [character = ''] = text
  return { keys: named(CHARACTERS[character] ?? controlName(character)), length: character.length }
}

function controlName(character: string): string {
  if (character >= ' ') return character
  const letter = String.fromCharCode(character.charCodeAt(0) + 96)
  return /[a-z]/.test(letter) ? `ctrl-${letter}` : ''
}

function pasted(text: string): Found | undefined {
  const end = text.indexOf(PASTE_END)
  if (end === -1) return undefined
  return { keys: [{ name: 'paste', text: text.slice(PASTE.length, end).replaceAll(/\r\n?/g, '\n') }], length: end + PASTE_END.length }
}

function sequenceKeys([, parameters = '', final = '', older = '']: RegExpExecArray): readonly Key[] {
  if (parameters.startsWith('<')) return mouseKeys(parameters.slice(1), final)
  if (final === '~') return named(NUMBERED[parameters.split(';', 1)[0] ?? ''] ?? '')
  return named(LETTERED[final === '' ? older : final] ?? '')
}

function mouseKeys(parameters: string, final: string): readonly Key[] {
  const [button = -1, column = 1, row = 1] = parameters.split(';').map(Number)
  const name = final === 'M' ? MOUSE[button] : undefined
  return name === undefined ? [] : [{ name, at: { column: column - 1, row: row - 1 } }]
}

function named(name: string): readonly Key[] {
  return name === '' ? [] : [{ name }]
}

const MOUSE: Readonly<Record<number, string>> = { 0: 'click', 64: 'wheel-up', 65: 'wheel-down' }

const LETTERED: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
  Z: 'back-tab',
}

const NUMBERED: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  // Ctrl-J: what Enter is not where a text has lines.
  '\n': 'newline',
  '\t': 'tab',
  '\u001b': 'escape',
  // The key above Enter sends the first in most terminals.
  '\u007f': 'backspace',
  '\b': 'backspace',
}
