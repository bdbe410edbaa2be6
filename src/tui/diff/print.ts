import type { Patch } from '../../ports/git.ts'
import type { Line } from '../text/line.ts'
import { wrapRow } from './draw.ts'
import { FileDiff } from './file-diff.ts'
import { patchFiles } from './patch-files.ts'
import { loadSyntax } from './syntax.ts'
import { fileTitle } from './titles.ts'

export interface PrintLook {
  readonly layout: 'unified' | 'side-by-side'
  /** Undefined: lines are as long as they are. */
  readonly width: number | undefined
  readonly isColored: boolean
}

/** The whole patch, file by file, so that a large one is printed before all of it is computed. */
export async function* printPatch(patch: Patch, { layout, width, isColored }: PrintLook): AsyncGenerator<readonly Line[]> {
  for (const [at, file] of patchFiles(patch).entries()) {
    const diff = new FileDiff(file)
    const look = { hasWords: isColored, syntax: isColored ? await loadSyntax(file.path) : undefined }
    const title: readonly Line[] = [...(at === 0 ? [] : [[]]), fileTitle(file)]
    yield [...title, ...diff.body(layout).flatMap((row) => wrapRow(row, diff, look, width))]
  }
}
