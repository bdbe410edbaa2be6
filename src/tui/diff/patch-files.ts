import type { Patch } from '../../ports/git.ts'
import type { ChangedFile } from '../../ports/git-reading.ts'

export interface PatchFile extends ChangedFile {
  /** Its part of the patch; undefined where there was no room for it. */
  readonly text: string | undefined
}

/** The patch by its files. Only cut here, so that megabytes take milliseconds; a file is parsed when it is looked at. */
export function patchFiles({ text, files }: Patch): readonly PatchFile[] {
  const starts = [...text.matchAll(/^diff --git /gm)].map(({ index }) => index)
  let at = 0
  return files.map((file) => {
    const parts = file.change === 'retyped' ? 2 : 1
    const [start, end] = [starts[at], starts[at + parts]]
    at += parts
    return { ...file, text: start === undefined ? undefined : text.slice(start, end) }
  })
}
