import type { Sha } from '../../../foundation/brand.ts'
import type { DiffOptions, Patch } from '../../../ports/git.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { filesTree } from '../worktrees/backup.ts'
import { headOf, requireEntry, withStatus } from '../worktrees/inspect.ts'
import { parseChangedFiles } from './changed-files.ts'

export async function diffCommits(place: Place, from: Sha, to: Sha, options: DiffOptions = {}): Promise<Patch> {
  return withScratch(place, {}, (scratch) => diffTrees(scratch, from, to, options))
}

export async function diffUncommitted(place: Place, path: string, options: DiffOptions = {}): Promise<Patch> {
  const entry = await requireEntry(place, path)
  const head = await headOf(place, entry)
  return withStatus(place, entry, head, async (scratch, all) => {
    const changes = all.filter((change) => change.kind !== 'submodule')
    if (changes.length === 0) return { text: '', files: [], isCut: false }
    return diffTrees(scratch, head, await filesTree(place, scratch, entry, head, changes), options)
  })
}

const MAX_BYTES = 16 * 1024 * 1024

/**
 * In a scratch git directory: a textconv or an external diff that configuration names is not found there, and no attribute is read, so that
 * `-diff` in an agent's .gitattributes hides nothing from who reviews it.
 */
async function diffTrees(scratch: Scratch, from: Sha, to: Sha, options: DiffOptions): Promise<Patch> {
  const { paths = [], contextLines = 3, maxBytes = MAX_BYTES } = options
  const ask = (format: readonly string[]): string[] => [
    '--literal-pathspecs',
    'diff-tree',
    '-r',
    ...format,
    '--find-renames',
    '-l1000',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--no-abbrev',
    '--end-of-options',
    from,
    to,
    '--',
    ...paths,
  ]
  const [listed, patch] = await Promise.all([
    scratch.git(ask(['--raw', '--numstat', '-z'])),
    scratch.git(ask(['--patch', `--unified=${contextLines}`, '--src-prefix=a/', '--dst-prefix=b/', '--submodule=short']), {
      maxBytes: 2 * maxBytes,
      mayCut: true,
    }),
  ])
  return { text: wholeFiles(patch.stdout, patch.isCut), files: parseChangedFiles(listed.stdout), isCut: patch.isCut }
}

/** A line of a file begins with a sign, so a line that begins with these words begins a file. */
function wholeFiles(patch: Buffer, isCut: boolean): string {
  return (isCut ? patch.subarray(0, Math.max(0, patch.lastIndexOf('\ndiff --git ') + 1)) : patch).toString('utf8')
}
