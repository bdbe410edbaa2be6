import type { Key } from 'ink'
import { expect, test } from 'vitest'
import { keyNames } from './keys.ts'

const key = (more: Partial<Key> = {}): Key => more as Key

test.each([
  ['j', key(), ['j']],
  ['J', key({ shift: true }), ['J']],
  ['', key({ upArrow: true }), ['up']],
  ['', key({ escape: true, meta: true }), ['escape']],
  ['\r', key({ return: true }), ['enter']],
  ['\r', key({ return: true, meta: true }), ['escape', 'enter']],
  ['\n', key(), ['newline']],
  ['c', key({ ctrl: true }), ['ctrl-c']],
  ['', key({ delete: true }), ['backspace']],
  ['why?\rG', key(), ['w', 'h', 'y', '?', 'enter', 'G']],
  ['é漢\u0000\u0003', key(), ['é', '漢', 'ctrl-c']],
])('%j is %j: %j', (input, pressed, names) => {
  expect(keyNames(input, pressed)).toEqual(names)
})
