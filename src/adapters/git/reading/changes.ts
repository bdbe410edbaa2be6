import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { Changes, FileChange } from '../../../ports/git-reading.ts'
import { splitNul } from '../git-command.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'

const FILES_AT_MOST = 5000
const BYTES_AT_MOST = 64 * 1024 * 1024

export async function changes(place: Place, from: Sha, to: Sha): Promise<Changes> {
  return withScratch(place, {}, async (scratch) => {
    const listed = await scratch.git([...DIFF, '-z', '--raw', '--numstat', '--end-of-options', from, to])
    const all = parseList(splitNul(listed.stdout))
    const files = all.slice(0, FILES_AT_MOST)
    const ranges = all.length > FILES_AT_MOST ? undefined : await rangesOf(scratch, from, to, files)
    return {
      files: files.map(({ file }, at) => ({ ...file, ranges: file.kind === 'deleted' ? [] : (ranges?.[at] ?? []) })),
      isCut: ranges === undefined,
    }
  })
}

const DIFF = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv']

/** `isTwo`: a file became a link or the like, which a patch shows as one that goes and one that comes. */
interface Listed {
  readonly file: Omit<FileChange, 'ranges'>
  readonly isTwo: boolean
}

/** All raw entries, then all counts: `:modes ids status`, path (twice for a rename); `added<TAB>removed<TAB>path` (for a rename an empty path, then two). */
function parseList(fields: readonly string[]): Listed[] {
  const raw: { status: string; paths: string[] }[] = []
  let at = 0
  while (fields[at]?.startsWith(':') === true) {
    const status = fields[at]?.split(' ').at(-1) ?? ''
    const paths = fields.slice(at + 1, at + (status.startsWith('R') ? 3 : 2))
    raw.push({ status, paths })
    at += 1 + paths.length
  }
  return raw.map(({ status, paths }) => {
    const [added = '', removed = '', path = ''] = (fields[at] ?? '').split('\t')
    at += path === '' ? 3 : 1
    const isBinary = added === '-'
    const file = {
      path: paths.at(-1) ?? '',
      ...(paths.length > 1 ? { oldPath: paths[0] ?? '' } : {}),
      kind: KINDS[status.slice(0, 1)] ?? 'changed',
      isBinary,
      added: isBinary ? 0 : Number(added),
      removed: isBinary ? 0 : Number(removed),
    }
    return { file, isTwo: status === 'T' }
  })
}

const KINDS: Readonly<Record<string, FileChange['kind']>> = { A: 'added', D: 'deleted', R: 'renamed' }

/** A patch has the files in the same order; names with a line end are quoted in it, and without context no line of a file looks like its headers. */
async function rangesOf(scratch: Scratch, from: Sha, to: Sha, files: readonly Listed[]): Promise<FileChange['ranges'][] | undefined> {
  const patch = await patchOf(scratch, from, to)
  if (patch === undefined) return undefined
  const sections: { start: number; count: number }[][] = []
  for (const line of patch.split('\n')) {
    if (line.startsWith('diff --git ')) sections.push([])
    const [, start, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (start !== undefined) sections.at(-1)?.push({ start: Number(start), count: Number(count) })
  }
  let at = 0
  const ranges = files.map(({ isTwo }) => sections[(at += isTwo ? 2 : 1) - 1] ?? [])
  invariant(at === sections.length, 'the patch has other files than the list')
  return ranges
}

async function patchOf(scratch: Scratch, from: Sha, to: Sha): Promise<string | undefined> {
  try {
    const args = [...DIFF, '-p', '-U0', '--irreversible-delete', '--end-of-options', from, to]
    return (await scratch.git(args, { maxBytes: BYTES_AT_MOST })).stdout.toString('latin1')
  } catch (error) {
    if (error instanceof Failure && error.facts.exitCode === 0) return undefined
    throw error
  }
}
