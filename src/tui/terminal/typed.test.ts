import type { Key } from 'ink'
import { expect, test } from 'vitest'
import type { Screen } from './screen.ts'
import { typeInto } from './typed.ts'

const key = (more: Partial<Key> = {}): Key => more as Key

function open(takesPastes: boolean) {
  const heard: string[] = []
  const screen: Screen = {
    draw: () => [],
    press: (name) => void heard.push(name),
    ...(takesPastes && { paste: (text) => void heard.push(`paste ${JSON.stringify(text)}`) }),
    onChange: () => () => {},
    ended: new Promise(() => {}),
  }
  return { type: typeInto(screen), heard }
}

test('a paste comes whole, and nothing in it is a key', () => {
  const { type, heard } = open(true)
  type('x', key())
  type('[200~', key())
  type('one\rtwo\u0003\n', key())
  type('', key({ upArrow: true }))
  type('', key({ return: true }))
  type('\t漢', key())
  type('[201~', key())
  type('y', key())
  expect(heard).toEqual(['x', 'paste "one\\ntwo\\n\\n\\t漢"', 'y'])
})

test('a screen that takes no pastes gets the keys, and an end without a beginning is just that', () => {
  const { type, heard } = open(false)
  type('[200~', key())
  type('a\rb', key())
  type('[201~', key())
  expect(heard).toEqual(['a', 'enter', 'b'])
})
