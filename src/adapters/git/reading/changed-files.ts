import type { ChangedFile } from '../../../ports/git-reading.ts'
import { splitNul } from '../git-command.ts'

/** Output of `diff-tree --raw --numstat -z`: first a record of each file with its status, then one with its lines, in the same order. */
export function parseChangedFiles(output: Buffer): ChangedFile[] {
  const fields = splitNul(output)
  const files: Omit<ChangedFile, 'added' | 'removed' | 'isBinary'>[] = []
  let at = 0
  while (fields[at]?.startsWith(':') === true) {
    const letter = (fields[at]?.split(' ')[4] ?? 'M').slice(0, 1)
    const isRename = letter === 'R' || letter === 'C'
    const [first = '', second = ''] = fields.slice(at + 1, at + 3)
    files.push({ path: isRename ? second : first, ...(isRename && { from: first }), change: CHANGES[letter] ?? 'modified' })
    at += isRename ? 3 : 2
  }
  return files.map((file) => {
    const [added = '', removed = ''] = (fields[at] ?? '').split('\t')
    at += file.from === undefined ? 1 : 3
    return { ...file, added: Number(added) || 0, removed: Number(removed) || 0, isBinary: added === '-' }
  })
}

const CHANGES: Readonly<Record<string, ChangedFile['change']>> = {
  A: 'added',
  C: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'retyped',
}
