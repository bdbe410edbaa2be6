import { expect, test } from 'vitest'
import { FakeDesk, sampleFleet } from '../../../test/support/cli/fake-desk.ts'
import type { Size } from '../terminal/screen.ts'
import { textOf, widthOf } from '../text/line.ts'
import { Board } from './board.ts'

process.env['TZ'] = 'UTC'

function picture(board: Board, size: Size): string {
  const lines = board.draw(size)
  expect(lines.length).toBeLessThanOrEqual(size.rows)
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(size.columns)
  return lines.map((line) => textOf(line).trimEnd()).join('\n')
}

test.each([
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
  { columns: 140, rows: 30 },
  { columns: 59, rows: 15 },
])('the board at %j', (size) => {
  const desk = new FakeDesk(sampleFleet())
  desk.sayIn('app.api', {
    lines: [
      { at: '2026-01-02T10:00:00.000Z', kind: 'started', text: 'session started (2.1.0)' },
      {
        at: '2026-01-02T10:00:01.000Z',
        kind: 'text',
        text: 'I look at the schema first, because the cart needs a table that nobody has made yet.',
      },
      { at: '2026-01-02T10:00:02.000Z', kind: 'tool-started', text: 'Bash: npm test' },
      { at: '2026-01-02T10:00:03.000Z', kind: 'tool-ended', text: 'the tool failed' },
      { at: '2026-01-02T10:00:04.000Z', kind: 'turn-ended', text: 'completed' },
    ],
    isCut: false,
  })
  const board = new Board(desk)
  expect(picture(board, size)).toMatchSnapshot()
  board.end()
  expect([desk.listeners, desk.followed.size]).toEqual([0, 0])
})
