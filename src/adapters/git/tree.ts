import { parseSha, type Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import { splitNul } from './git-command.ts'
import { onRepository, type Place } from './place.ts'

export interface TreeChange {
  readonly path: string
  readonly from: { readonly mode: string; readonly sha: string } | undefined
  readonly to: { readonly mode: string; readonly sha: string } | undefined
}

export async function treeOf(place: Place, commit: Sha): Promise<Sha> {
  const found = await onRepository(place, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`], {
    accept: [1, 128],
  })
  const tree = parseSha(found.stdout.toString('utf8').trim())
  if (tree === undefined) throw new Failure('no-such-commit', `${commit} names no commit of ${place.root}`, { facts: { commit } })
  return tree
}

/** A symbolic link answers its target's name; a folder or a submodule answers undefined. */
export async function readFile(place: Place, commit: Sha, path: string): Promise<Uint8Array | undefined> {
  const wanted = path.replace(/\/+$/, '')
  // After a colon, `./` and `../` mean the current folder, and a NUL ends the question.
  if (/^\.{0,2}(\/|$)|\0/.test(wanted)) return undefined
  const { stdout } = await onRepository(place, ['cat-file', '--batch', '-z'], { input: `${commit}:${wanted}\0` })
  const end = stdout.indexOf(0x0a)
  const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(stdout.toString('latin1', 0, end)) ?? []
  return size === undefined ? undefined : stdout.subarray(end + 1, end + 1 + Number(size))
}

export async function treeChanges(place: Place, from: Sha, to: Sha): Promise<TreeChange[]> {
  const listed = await onRepository(place, [
    'diff-tree',
    '-r',
    '-z',
    '--raw',
    '--no-renames',
    '--no-ext-diff',
    '--no-abbrev',
    '--end-of-options',
    from,
    to,
  ])
  const fields = splitNul(listed.stdout)
  const changes: TreeChange[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [fromMode = '', toMode = '', fromSha = '', toSha = ''] = (fields[at] ?? '').slice(1).split(' ')
    changes.push({ path: fields[at + 1] ?? '', from: side(fromMode, fromSha), to: side(toMode, toSha) })
  }
  return changes
}

function side(mode: string, sha: string): TreeChange['from'] {
  return mode === '000000' ? undefined : { mode, sha }
}
