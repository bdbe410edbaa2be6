import type { ChangedFile } from '../../ports/git-reading.ts'
import { textWidth, type Line } from '../text/line.ts'
import { visibleText } from '../text/visible.ts'

const WORDS: Readonly<Record<ChangedFile['change'], string>> = {
  added: 'new',
  deleted: 'deleted',
  modified: '',
  renamed: 'renamed',
  retyped: 'another kind of file',
}

/** The letter that git uses. */
export function changeLetter({ change }: ChangedFile): string {
  return { added: 'A', deleted: 'D', modified: 'M', renamed: 'R', retyped: 'T' }[change]
}

export function fileName({ path, from }: ChangedFile): string {
  const name = visibleText(path)
  return from === undefined ? name : `${visibleText(from)} → ${name}`
}

/** `src/a.ts · new · +12 −0`. */
export function fileTitle(file: ChangedFile): Line {
  const word = WORDS[file.change]
  return [{ text: fileName(file), tone: 'strong' }, ...(word === '' ? [] : [{ text: ` · ${word}` }]), { text: ' · ' }, ...countSpans(file)]
}

export function countSpans({ isBinary, added, removed }: ChangedFile): Line {
  if (isBinary) return [{ text: 'binary', tone: 'faint' }]
  return [{ text: `+${added}`, tone: 'added' }, { text: ' ' }, { text: `−${removed}`, tone: 'removed' }]
}

/** One line a file with a bar of its share, then the sum; as `git diff --stat`. */
export function statLines(files: readonly ChangedFile[], width: number): readonly Line[] {
  const names = files.map(fileName)
  const widest = Math.min(Math.max(0, ...names.map(textWidth)), Math.max(20, width - 40))
  const most = Math.max(1, ...files.map(({ added, removed }) => added + removed))
  const room = Math.max(10, Math.min(40, width - widest - 16))
  const lines = files.map((file, at): Line => {
    const name = names[at] ?? ''
    const share = (lines: number): number => (lines === 0 ? 0 : Math.max(1, Math.round((lines * Math.min(room, most)) / most)))
    return [
      { text: ` ${name}${' '.repeat(Math.max(0, widest - textWidth(name)))} │ ` },
      ...(file.isBinary ? [{ text: 'binary' }] : [{ text: `${String(file.added + file.removed).padStart(5)} ` }]),
      { text: '+'.repeat(share(file.added)), tone: 'added' },
      { text: '−'.repeat(share(file.removed)), tone: 'removed' },
    ]
  })
  return [...lines, [{ text: ` ${sumWords(files)}` }]]
}

/** `3 files, +120 −4`. */
export function sumWords(files: readonly ChangedFile[]): string {
  const sum = (of: 'added' | 'removed'): number => files.reduce((lines, file) => lines + file[of], 0)
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}, +${sum('added')} −${sum('removed')}`
}
