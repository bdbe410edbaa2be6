import type { Sha } from '../../../foundation/brand.ts'
import { splitNul } from '../git-command.ts'
import { conflictedPaths, inMergeScratch, requireSha, unlessItDies } from '../merging/tree-merge.ts'
import type { Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'

/** Both sides of these files' conflicts with their markers and a little around them; what has no text to show is named with git's reason. */
export async function conflictHunks(place: Place, ours: Sha, theirs: Sha, files: readonly string[], maxBytes: number): Promise<string> {
  return inMergeScratch(place, ours, async (scratch) => {
    const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', '--allow-unrelated-histories', '--end-of-options']
    const merged = await unlessItDies(scratch.git([...args, ours, theirs], { accept: [1] }))
    if (merged === undefined) return cut(files.map((file) => `${file}\n(git itself fails to merge this)`).join('\n\n'), maxBytes)
    const { tree, reasons } = parseMerge(merged.stdout)
    const contents = await readFiles(scratch, tree, files)
    const parts = files.map((file) => [file, ...partsOf(file, contents.get(file), reasons)].join('\n'))
    return cut(parts.map((part) => named(part, ours, theirs)).join('\n\n'), maxBytes)
  })
}

/** The tree, the files, an empty field; then for each message: how many paths, the paths, its kind, its text. */
function parseMerge(output: Buffer): { readonly tree: Sha; readonly reasons: ReadonlyMap<string, readonly string[]> } {
  const fields = splitNul(output)
  const reasons = new Map<string, string[]>()
  for (let at = fields.indexOf('') + 1; at > 0 && at < fields.length;) {
    const count = Number(fields[at])
    const [kind = '', text = ''] = fields.slice(at + 1 + count, at + 3 + count)
    if (kind.startsWith('CONFLICT'))
      for (const path of conflictedPaths(fields.slice(at + 1, at + 1 + count)))
        reasons.set(path, [...(reasons.get(path) ?? []), text.trim()])
    at += 3 + count
  }
  return { tree: requireSha(fields[0] ?? ''), reasons }
}

const FILE_BYTES_AT_MOST = 1_000_000

async function readFiles(scratch: Scratch, tree: Sha, files: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const { stdout } = await scratch.git(['ls-tree', '-r', '-l', '-z', tree])
  const wanted = new Set(files)
  for (const line of splitNul(stdout)) {
    const [, kind, sha = '', size] = line.slice(0, line.indexOf('\t')).split(/ +/)
    const path = line.slice(line.indexOf('\t') + 1)
    if (kind !== 'blob' || !wanted.has(path) || Number(size) > FILE_BYTES_AT_MOST) continue
    found.set(path, (await scratch.git(['cat-file', 'blob', requireSha(sha)])).stdout)
  }
  return found
}

function partsOf(file: string, content: Buffer | undefined, reasons: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const isText = content !== undefined && !content.subarray(0, 8000).includes(0)
  const hunks = isText ? hunksOf(content.toString('utf8').split('\n')) : []
  return hunks.length > 0 ? hunks : (reasons.get(file) ?? ['(no text to show)'])
}

const AROUND = 3

function hunksOf(lines: readonly string[]): string[] {
  const hunks: string[] = []
  let begin: number | undefined
  for (const [at, line] of lines.entries()) {
    if (begin === undefined && /^<{7,} [0-9a-f]{40}/.test(line)) begin = Math.max(0, at - AROUND)
    if (begin === undefined || !/^>{7,} [0-9a-f]{40}/.test(line)) continue
    hunks.push([`@@ line ${begin + 1} @@`, ...lines.slice(begin, at + 1 + AROUND)].join('\n'))
    begin = undefined
  }
  return hunks
}

function named(text: string, ours: Sha, theirs: Sha): string {
  return text.replaceAll(ours, 'ours').replaceAll(theirs, 'theirs')
}

function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  const note = '\n(more was left out)'
  return (
    bytes
      .subarray(0, maxBytes - note.length)
      .toString('utf8')
      .replace(/\uFFFD*$/, '') + note
  )
}
