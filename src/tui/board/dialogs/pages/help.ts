import type { Line } from '../../../text/line.ts'
import { KEYS } from '../../key-table.ts'
import { PageDialog } from './page.ts'

export function helpDialog(): PageDialog {
  return new PageDialog({ title: () => 'Keys', lines: helpLines })
}

function helpLines(): readonly Line[] {
  return KEYS.flatMap(([title, keys]): readonly Line[] => [
    [{ text: title, tone: 'heading' }],
    ...keys.map(([key, does]): Line => [{ text: `  ${key.padEnd(15)}`, tone: 'key' }, { text: does }]),
    [],
  ])
}
