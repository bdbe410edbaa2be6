import type { Key } from 'ink'
import { keyNames } from './keys.ts'
import type { Screen } from './screen.ts'

/** Terminals that were asked to (`ENTER_PASTE_MODE`) put a paste between these, so that no line end in it is taken for Enter. */
const BEGIN = '[200~'
const END = '[201~'
export const ENTER_PASTE_MODE = '\u001b[?2004h'
export const LEAVE_PASTE_MODE = '\u001b[?2004l'

/** Gives to a screen what is typed and pasted; its answer takes what Ink's `useInput` hears. */
export function typeInto(screen: Screen): (input: string, key: Key) => void {
  let pasted: string | undefined
  return (input, key) => {
    if (input === BEGIN) pasted = ''
    else if (input === END && pasted !== undefined) {
      const text = pasted
      pasted = undefined
      if (screen.paste === undefined) for (const name of keyNames(text.replaceAll('\n', '\r'), NO_KEY)) screen.press(name)
      else screen.paste(text)
    } else if (pasted !== undefined) pasted += keyNames(input, key).map(characterOf).join('')
    else for (const name of keyNames(input, key)) screen.press(name)
  }
}

const NO_KEY = {} as Key

/** A key that is no character says nothing in a text. */
function characterOf(name: string): string {
  if (name === 'enter' || name === 'newline') return '\n'
  if (name === 'tab') return '\t'
  return [...name].length === 1 ? name : ''
}
