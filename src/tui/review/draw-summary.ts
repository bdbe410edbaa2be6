import { plainBlock, plainLine } from '../../foundation/text.ts'
import { changeLetter, countSpans, fileName } from '../diff/titles.ts'
import { lineOf, wrapLine, type Line } from '../text/line.ts'
import { visibleText } from '../text/visible.ts'
import type { Comment } from '../diff/comments.ts'
import type { Material, ReviewItem } from './item.ts'
import type { Sitting } from './review.ts'

/** What a person knows before they look at the code: what was done, what vouches for it, and what stands against it. */
export function drawSummary({ item, material, comments, outcome }: Sitting, columns: number): readonly Line[] {
  const blocks: readonly (readonly Line[])[] = [
    block(
      'Done',
      outcome.flatMap((text) => plainBlock(text).split('\n')).map((text) => lineOf(text, 'good')),
    ),
    standing(item),
    block('Comments, not sent yet', comments.map(commentLine)),
    ...(material === undefined ? [[lineOf('Loading …', 'faint')]] : materialBlocks(material)),
  ]
  const lines = blocks.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : [[], ...lines]))
  return lines.flatMap((line) => wrapLine(line, columns))
}

function standing({ status, isSkipped }: ReviewItem): readonly Line[] {
  const { checkpoint, verdict, requests } = status
  return [
    lineOf(plainLine(status.title, 400), 'strong'),
    fact('Status', `${status.status}: ${plainLine(status.reason, 400)}${isSkipped ? ' (skipped before)' : ''}`),
    ...(checkpoint === undefined
      ? [fact('Checkpoint', 'none: nobody said that it is finished')]
      : [
          fact(
            'Checkpoint',
            `${checkpoint.commit.slice(0, 10)}${checkpoint.isInferred ? ' (inferred)' : ''}: ${plainLine(checkpoint.message, 1000)}`,
          ),
        ]),
    verdict === undefined
      ? fact('Verdict', 'none')
      : [
          ...fact('Verdict', ''),
          { text: verdict.isPassed ? 'passed' : 'failed', tone: verdict.isPassed ? 'good' : 'bad' },
          {
            text: ` at ${verdict.commit.slice(0, 10)}${staleness(verdict.commit, checkpoint?.commit)}${verdict.summary === '' ? '' : `: ${plainLine(verdict.summary, 400)}`}`,
          },
        ],
    fact('Cost', `$${status.costUsd.toFixed(2)}, attempt ${status.attempt}`),
    ...requests.map(({ tool, summary }) => fact('Asks', `${plainLine(tool, 40)}: ${plainLine(summary)}`)),
  ]
}

/** A verdict is bound to one commit. */
function staleness(verdict: string, checkpoint: string | undefined): string {
  return checkpoint === undefined || checkpoint === verdict ? '' : ', not the commit of the checkpoint'
}

function materialBlocks({ patch, uncommitted, notes, overlaps }: Material): readonly (readonly Line[])[] {
  return [
    block(
      'Overlaps',
      overlaps.map(({ other, files }) => [
        { text: plainLine(other, 80), tone: 'warning' },
        { text: `: ${plainLine(files.join(', '), 400)}` },
      ]),
    ),
    block(
      'Not committed',
      uncommitted.slice(0, MOST_FILES).map((path) => lineOf(visibleText(path), 'warning')),
    ),
    block('Notes', noteLines(notes)),
    block(
      'Files',
      patch.files
        .slice(0, MOST_FILES)
        .map((file) => [{ text: `${changeLetter(file)} `, tone: 'key' }, { text: fileName(file) }, { text: '  ' }, ...countSpans(file)]),
    ),
    patch.files.length > MOST_FILES ? [lineOf(`… and ${patch.files.length - MOST_FILES} more`, 'faint')] : [],
  ]
}

const MOST_FILES = 200
const MOST_NOTES = 400

function noteLines(notes: string): readonly Line[] {
  const text = notes.trim()
  return text === ''
    ? []
    : text
        .split('\n')
        .slice(0, MOST_NOTES)
        .map((line) => lineOf(visibleText(line)))
}

function commentLine({ path, line, text }: Comment): Line {
  return [{ text: `${visibleText(path)}${line === undefined ? '' : `:${line}`}`, tone: 'key' }, { text: ` ${visibleText(text)}` }]
}

function block(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [lineOf(title, 'heading'), ...lines.map((line) => [{ text: '  ' }, ...line])]
}

function fact(name: string, text: string): Line {
  return [{ text: name.padEnd(12), tone: 'faint' }, ...(text === '' ? [] : [{ text }])]
}
