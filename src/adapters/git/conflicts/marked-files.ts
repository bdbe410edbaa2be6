import type { Scratch } from '../scratch.ts'

const LARGEST_BYTES = 1_000_000

/** The texts of files, named `<tree>:<path>` in bytes as latin1; undefined for what is no file, or too large. Two processes. */
export async function loadTexts(scratch: Scratch, names: readonly string[]): Promise<(string | undefined)[]> {
  const blobs = await blobsOf(scratch, names)
  const texts = await contentsOf(scratch, [...new Set(blobs.flatMap((blob) => blob ?? []))])
  return blobs.map((blob) => texts.get(blob ?? ''))
}

/** Lines of git's marks around and between both sides, from 0. */
export interface MarkedHunk {
  readonly begin: number
  readonly middle: number
  readonly end: number
}

/** Text of the file that looks like a mark costs a wrong hunk, no more. */
export function findMarked(lines: readonly string[]): MarkedHunk[] {
  const hunks: MarkedHunk[] = []
  let open: { begin: number; size: number; middle: number } | undefined
  for (const [at, line] of lines.entries()) {
    const [, sign = '', commit] = MARK.exec(line) ?? []
    if (open === undefined) {
      if (sign.startsWith('<') && commit !== undefined) open = { begin: at, size: sign.length, middle: -1 }
    } else if (sign.length === open.size) {
      if (sign.startsWith('=') && open.middle < 0) open.middle = at
      if (!sign.startsWith('>') || commit === undefined || open.middle < 0) continue
      hunks.push({ begin: open.begin, middle: open.middle, end: at })
      open = undefined
    }
  }
  return hunks
}

/** Lines of a file with DOS line ends keep theirs. */
const MARK = /^(<{7,}|={7,}|>{7,})(?: ([0-9a-f]{40,64})(?::.*)?)?\r?$/

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
