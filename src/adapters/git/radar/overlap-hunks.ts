import type { OverlapHunk } from '../../../domain/radar/overlap.ts'
import type { Sha } from '../../../foundation/brand.ts'
import { findMarked, loadTexts } from '../conflicts/marked-files.ts'
import type { Scratch } from '../scratch.ts'

const MOST_HUNKS = 5
const MOST_LINES = 12
const LONGEST_LINE = 200

/** The conflicts within each file of a merge's tree; nothing for what is no text, or too long to be read. */
export async function loadHunks(
  scratch: Scratch,
  files: readonly { readonly tree: Sha; readonly path: string }[],
): Promise<OverlapHunk[][]> {
  const texts = await loadTexts(
    scratch,
    files.map(({ tree, path }) => `${tree}:${path}`),
  )
  return texts.map((text) => hunksOf(text?.split('\n') ?? []))
}

function hunksOf(lines: readonly string[]): OverlapHunk[] {
  return findMarked(lines)
    .slice(0, MOST_HUNKS)
    .map(({ begin, middle, end }) => ({
      line: begin + 1,
      one: bounded(lines.slice(begin + 1, middle)),
      other: bounded(lines.slice(middle + 1, end)),
    }))
}

function bounded(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES).map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line))
  return [...shown, ...(lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} more lines`] : [])].join('\n')
}
