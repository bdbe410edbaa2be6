import type { OverlapHunk } from '../../../domain/radar/overlap.ts'
import type { Sha } from '../../../foundation/brand.ts'
import type { Scratch } from '../scratch.ts'

const LARGEST_BYTES = 1_000_000
const MOST_HUNKS = 5
const MOST_LINES = 12
const LONGEST_LINE = 200

/** The conflicts within each file of a merge's tree; nothing for what is no text, or too long to be read. */
export async function loadHunks(
  scratch: Scratch,
  files: readonly { readonly tree: Sha; readonly path: string }[],
): Promise<OverlapHunk[][]> {
  const names = files.map(({ tree, path }) => `${tree}:${path}`)
  const blobs = await blobsOf(scratch, names)
  const texts = await contentsOf(scratch, [...new Set(blobs.flatMap((blob) => blob ?? []))])
  return blobs.map((blob) => parseHunks(texts.get(blob ?? '') ?? ''))
}

/** Ids of those that are small enough. */
async function blobsOf(scratch: Scratch, names: readonly string[]): Promise<(string | undefined)[]> {
  if (names.length === 0) return []
  const input = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1')
  const { stdout } = await scratch.git(['cat-file', '--batch-check=%(objecttype) %(objectsize) %(objectname)', '-z'], { input })
  // What is missing is said with its name, which may have line ends: then nothing can be told of any.
  const lines = stdout.toString('latin1').split('\n').slice(0, -1)
  if (lines.length !== names.length) return names.map(() => undefined)
  return lines.map((line) => {
    const [kind, size, sha] = line.split(' ')
    return kind === 'blob' && Number(size) <= LARGEST_BYTES ? sha : undefined
  })
}

async function contentsOf(scratch: Scratch, blobs: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  if (blobs.length === 0) return texts
  const { stdout } = await scratch.git(['cat-file', '--batch'], { input: blobs.map((sha) => `${sha}\n`).join('') })
  let at = 0
  for (const sha of blobs) {
    const start = stdout.indexOf(0x0a, at) + 1
    const size = Number(stdout.toString('latin1', at, start - 1).split(' ')[2])
    texts.set(sha, stdout.toString('utf8', start, start + size))
    at = start + size + 1
  }
  return texts
}

/** Between git's marks; text of the file that looks like one costs a wrong hunk, no more. */
function parseHunks(text: string): OverlapHunk[] {
  const hunks: OverlapHunk[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length && hunks.length < MOST_HUNKS; at++) {
    if (!lines[at]?.startsWith('<<<<<<< ')) continue
    const middle = lines.indexOf('=======', at)
    const end = lines.findIndex((line, index) => index > middle && line.startsWith('>>>>>>> '))
    if (middle < 0 || end < 0) break
    hunks.push({ line: at + 1, one: bounded(lines.slice(at + 1, middle)), other: bounded(lines.slice(middle + 1, end)) })
    at = end
  }
  return hunks
}

function bounded(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LINES).map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line))
  return [...shown, ...(lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} more lines`] : [])].join('\n')
}
