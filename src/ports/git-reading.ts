import type { Sha } from '../foundation/brand.ts'

export interface Changes {
  readonly files: readonly FileChange[]
  /** There are more files (over 5,000), or their lines were too many to read (over 64 MB). */
  readonly isCut: boolean
}

export interface FileChange {
  readonly path: string
  /** Where it was before it was renamed. */
  readonly oldPath?: string
  readonly kind: 'added' | 'changed' | 'deleted' | 'renamed'
  readonly isBinary: boolean
  /** Lines; 0 for binary files. */
  readonly added: number
  readonly removed: number
  /** Of the new file, from 1; `count` 0: lines were taken away after `start`. None for binary and deleted files. */
  readonly ranges: readonly { readonly start: number; readonly count: number }[]
}

export interface BlameRequest {
  readonly commit: Sha
  readonly base: Sha
  /** Lines of the files at `commit`, from 1. */
  readonly lines: readonly { readonly path: string; readonly line: number }[]
}
