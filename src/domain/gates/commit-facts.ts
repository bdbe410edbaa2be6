/** What there is to know of a commit for its gates, against where its work began. */
export interface CommitFacts {
  /** All of them. */
  readonly files: readonly GateFile[]
  /** Lines of text that were added, as far as they were read. */
  readonly added: readonly AddedLine[]
  /** The change was too large to read all of its lines. */
  readonly isCut: boolean
  /** Files that list what the project depends on, and were changed. */
  readonly manifests: readonly Manifest[]
  /** So far, in US dollars. */
  readonly costUsd: number
}

export interface GateFile {
  readonly path: string
  /** Its name before a rename. */
  readonly from?: string
  readonly change: 'added' | 'deleted' | 'modified' | 'renamed' | 'retyped'
  /** Names what it holds now. */
  readonly content: string
}

export interface AddedLine {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly text: string
}

export interface Manifest {
  readonly path: string
  /** Absent: there was none. */
  readonly before?: string
  readonly after?: string
}
