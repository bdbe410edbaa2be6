import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { ChangedFile, Changes, LineRange } from '../../../ports/git-reading.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { parseChangedFiles } from './changed-files.ts'

const FILES_AT_MOST = 5000
const BYTES_AT_MOST = 64 * 1024 * 1024

export async function changes(place: Place, from: Sha, to: Sha): Promise<Changes> {
  return withScratch(place, {}, async (scratch) => {
    const listed = await scratch.git([...DIFF, '-z', '--raw', '--numstat', '--end-of-options', from, to])
    const all = parseChangedFiles(listed.stdout)
    const files = all.slice(0, FILES_AT_MOST)
    const ranges = all.length > FILES_AT_MOST ? undefined : await rangesOf(scratch, from, to, files)
    return {
      files: files.map((file, at) => ({ ...file, ranges: file.change === 'deleted' ? [] : (ranges?.[at] ?? []) })),
      isCut: ranges === undefined,
    }
  })
}

const DIFF = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv']

/** A patch has the files in the same order; names with a line end are quoted in it, and without context no line of a file looks like its headers. */
async function rangesOf(scratch: Scratch, from: Sha, to: Sha, files: readonly ChangedFile[]): Promise<LineRange[][] | undefined> {
  const patch = await patchOf(scratch, from, to)
  if (patch === undefined) return undefined
  const sections: LineRange[][] = []
  for (const line of patch.split('\n')) {
    if (line.startsWith('diff --git ')) sections.push([])
    const [, start, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (start !== undefined) sections.at(-1)?.push({ start: Number(start), count: Number(count) })
  }
  let at = 0
  // A file that became a link or the like is shown as one that goes and one that comes.
  const ranges = files.map(({ change }) => sections[(at += change === 'retyped' ? 2 : 1) - 1] ?? [])
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
