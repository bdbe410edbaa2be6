import type { Sha } from '../foundation/brand.ts'

export interface Changes {
  readonly files: readonly FileChange[]
  /** There are more files (over 5,000), or their lines were too many to read (over 64 MB). */
  readonly isCut: boolean
}

export interface ChangedFile {
  readonly path: string
  /** Its name before a rename. */
  readonly from?: string
  /** `retyped`: a file became a link, or the like; two parts of the text. */
  readonly change: 'added' | 'deleted' | 'modified' | 'renamed' | 'retyped'
  /** Lines; both 0 for a binary file. */
  readonly added: number
  readonly removed: number
  readonly isBinary: boolean
}

export interface FileChange extends ChangedFile {
  /** Of the new file; `count` 0: lines were taken away after `start`. None for binary and deleted files. */
  readonly ranges: readonly LineRange[]
}

/** `start` from 1. */
export interface LineRange {
  readonly start: number
  readonly count: number
}

export interface BlameRequest {
  readonly commit: Sha
  readonly base: Sha
  /** Lines of the files at `commit`, from 1. */
  readonly lines: readonly { readonly path: string; readonly line: number }[]
}
