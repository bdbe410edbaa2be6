import { expect, test } from 'vitest'
import { KeyReader } from './keys.ts'

const names = (...pieces: readonly string[]): readonly string[] => {
  const reader = new KeyReader()
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.decide()].map(({ name, text }) =>
    text === undefined ? name : `paste:${text}`,
  )
}

test.each([
  ['j', ['j']],
  ['J', ['J']],
  ['\u001b[A\u001bOB\u001b[1;5C\u001b[D', ['up', 'down', 'right', 'left']],
  ['\u001b[5~\u001b[6~\u001b[H\u001b[4~\u001b[3~\u001b[Z', ['page-up', 'page-down', 'home', 'end', 'delete', 'back-tab']],
  ['\u001b', ['escape']],
  ['\u001b\u001b', ['escape', 'escape']],
  ['\u001b\r', ['escape', 'enter']],
  ['\u007f\b\t\n', ['backspace', 'backspace', 'tab', 'newline']],
  ['why?\rG', ['w', 'h', 'y', '?', 'enter', 'G']],
  ['é漢😀\u0000\u0003\u001a', ['é', '漢', '😀', 'ctrl-c', 'ctrl-z']],
  ['\u001b[200~rm -rf /\rq\u001b[201~q', ['paste:rm -rf /\nq', 'q']],
  // What the terminal answers, or what nobody knows.
  ['\u001b[?62;22c\u001b[99~\u001b[Ix', ['x']],
])('%j is %j', (sent, keys) => {
  expect(names(sent)).toEqual(keys)
})

test('what comes in pieces is put together, and a lone Escape waits for more', () => {
  expect(names('\u001b', '[', 'A', 'x')).toEqual(['up', 'x'])
  expect(names('\u001b[200~a', 'b\u001b[20', '1~')).toEqual(['paste:ab'])
  const reader = new KeyReader()
  expect([reader.read('\u001b'), reader.isUndecided]).toEqual([[], true])
  expect([reader.decide(), reader.isUndecided]).toEqual([[{ name: 'escape' }], false])
  reader.read('\u001b[200~half a paste')
  expect(reader.isUndecided).toBe(false)
})

test('the mouse says where it points', () => {
  expect(new KeyReader().read('\u001b[<64;3;2M\u001b[<65;1;1M\u001b[<0;10;4M\u001b[<0;10;4m\u001b[<35;9;9M')).toEqual([
    { name: 'wheel-up', at: { column: 2, row: 1 } },
    { name: 'wheel-down', at: { column: 0, row: 0 } },
    { name: 'click', at: { column: 9, row: 3 } },
  ])
})
