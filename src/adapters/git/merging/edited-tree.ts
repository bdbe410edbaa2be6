import type { Sha } from '../../../foundation/brand.ts'
import { requireSha, splitNul } from '../git-command.ts'
import type { Scratch } from '../scratch.ts'

/** The tree with these files replaced or made; modes stay. */
export async function editTree(scratch: Scratch, tree: Sha, edits: Readonly<Record<string, Uint8Array>>): Promise<Sha> {
  let edited = tree
  for (const [path, content] of Object.entries(edits)) {
    const made = await scratch.git(['hash-object', '-w', '--no-filters', '--stdin'], { input: content })
    edited = await replaceIn(scratch, edited, path.split('/'), requireSha(made.stdout.toString('utf8')))
  }
  return edited
}

/** The tree with this file replaced, and so every folder on the way to it. Names are bytes, as latin1. */
async function replaceIn(scratch: Scratch, tree: Sha | undefined, path: readonly string[], blob: Sha): Promise<Sha> {
  const [first = '', ...rest] = path
  const name = Buffer.from(first, 'utf8').toString('latin1')
  const listed = tree === undefined ? [] : splitNul((await scratch.git(['ls-tree', '-z', tree])).stdout, 'latin1')
  const known = listed.find((line) => line.slice(line.indexOf('\t') + 1) === name)
  const [mode, kind, sha = ''] = known?.slice(0, known.indexOf('\t')).split(' ') ?? []
  const entry =
    rest.length > 0
      ? `040000 tree ${await replaceIn(scratch, kind === 'tree' ? requireSha(sha) : undefined, rest, blob)}\t${name}`
      : `${mode === '100755' ? mode : '100644'} blob ${blob}\t${name}`
  const input = Buffer.from([...listed.filter((line) => line !== known), entry].map((line) => `${line}\0`).join(''), 'latin1')
  return requireSha((await scratch.git(['mktree', '-z'], { input })).stdout.toString('utf8'))
}
