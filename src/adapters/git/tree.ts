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
  return askForBlob(place, `${commit}:${wanted}`)
}

export async function listFiles(place: Place, commit: Sha): Promise<readonly { readonly path: string; readonly blob: Sha }[]> {
  const { stdout } = await onRepository(place, ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit])
  return splitNul(stdout).flatMap((line) => {
    const [, kind, id, path] = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    const blob = parseSha(id ?? '')
    return kind === 'blob' && blob !== undefined && path !== undefined ? [{ path, blob }] : []
  })
}

interface Question {
  readonly name: string
  readonly answer: (content: Uint8Array | undefined) => void
  readonly fail: (error: unknown) => void
}

/** What is asked in one moment is asked of one process. */
function askForBlob(place: Place, name: string): Promise<Uint8Array | undefined> {
  return new Promise((answer, fail) => {
    const question = { name, answer, fail }
    const waiting = asked.get(place.commonDir)
    // A line end in the name would end its line in the answer.
    if (name.includes('\n')) return void askForBlobs(place, [question])
    if (waiting !== undefined) return void waiting.push(question)
    const questions = [question]
    asked.set(place.commonDir, questions)
    queueMicrotask(() => {
      asked.delete(place.commonDir)
      void askForBlobs(place, questions)
    })
  })
}

const asked = new Map<string, Question[]>()

async function askForBlobs(place: Place, questions: readonly Question[]): Promise<void> {
  try {
    const input = questions.map(({ name }) => `${name}\0`).join('')
    const { stdout } = await onRepository(place, ['cat-file', '--batch', '-z'], { input })
    let at = 0
    for (const { answer } of questions) {
      const start = stdout.indexOf(0x0a, at) + 1
      const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('latin1', at, start - 1)) ?? []
      answer(kind === 'blob' ? stdout.subarray(start, start + Number(size)) : undefined)
      at = size === undefined ? start : start + Number(size) + 1
    }
  } catch (error) {
    for (const { fail } of questions) fail(error)
  }
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
