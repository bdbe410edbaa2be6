import { expect, test } from 'vitest'
import { textOf, widthOf } from './line.ts'
import { TextEditor } from './text-editor.ts'

function typed(keys: string, text = ''): TextEditor {
  const editor = new TextEditor(text)
  for (const [key] of keys.matchAll(/<[a-z-]+>|[^]/g)) editor.press(key.length > 1 ? key.slice(1, -1) : key)
  return editor
}

test.each([
  ['abc<left>x', '', 'abxc'],
  ['<left><left><right>x', 'abc', 'abxc'],
  ['one<newline>two', '', 'one\ntwo'],
  ['<up>x', 'long line\nab', 'loxng line\nab'],
  ['<up><end>x<down>y', 'a\nbcd', 'ax\nbcyd'],
  ['<up><up>x', 'abc', 'abcx'],
  ['<left><delete>x', 'ab', 'ax'],
  ['<home>x<end>y', 'one\ntwo', 'one\nxtwoy'],
  ['<ctrl-u>x', 'one\ntwo', 'one\nx'],
  ['<ctrl-w>x', 'one two  ', 'one x'],
  ['<backspace><backspace>', '漢字é', '漢'],
  ['<page-up><tab><enter>', 'a', 'a'],
])('%s in %j makes %j', (keys, before, after) => {
  expect(typed(keys, before).text).toBe(after)
})

test('a paste is text, whatever line ends it has', () => {
  const editor = typed('a')
  editor.paste('1\r\n2\r3\u001b[31m')
  expect(editor.text).toBe('a1\n2\n3\u001b[31m')
  expect(editor.drawRows(20, 5).map(textOf)).toEqual(['a1', '2', '3␛[31m▏'])
})

test('the cursor is among the rows that there is room for, and none is wider than the room', () => {
  const editor = typed('', `${'漢'.repeat(30)}\nlast`)
  expect(editor.drawRows(11, 2).map(textOf)).toEqual(['漢漢漢漢漢', 'last▏'])
  for (const line of editor.drawRows(11, 99)) expect(widthOf(line)).toBeLessThanOrEqual(11)
  for (let step = 0; step < 40; step += 1) editor.press('left')
  expect(editor.drawRows(11, 2).map(textOf).join('\n')).toContain('▏')
})
