import { age } from '../../../../foundation/text.ts'
import { lineOf, type Line } from '../../../text/line.ts'
import type { Errand } from '../errands.ts'
import { paragraph } from '../frame.ts'
import type { Surroundings } from '../surroundings.ts'
import { PageDialog } from './page.ts'

/** All that was asked for in this sitting and what became of it, the newest first. */
export function resultsDialog({ errands, desk }: Surroundings): PageDialog {
  return new PageDialog({
    title: () => 'What became of what you asked for',
    lines: (width) =>
      errands.all.length === 0
        ? [lineOf('Nothing was asked for yet.', 'faint')]
        : errands.all.flatMap((errand) => [...drawErrand(errand, desk.now(), width), []]),
    changes: (listener) => errands.onChange(listener),
  })
}

function drawErrand(errand: Errand, now: number, width: number): readonly Line[] {
  const { said, since, title } = errand
  const tone = said === undefined ? 'key' : said.isDone ? 'good' : 'bad'
  const word = said === undefined ? '… ' : said.isDone ? '✓ ' : '✗ '
  return [
    ...paragraph(`${word}${title} · ${age(now - since)} ago`, width, tone),
    ...(said?.lines ?? []).flatMap((line) => paragraph(`  ${line}`, width)),
  ]
}
