/** A conflict that merging two sides would meet, file by file. Text is the agents' own: not safe for a terminal. */
export interface OverlapFile {
  readonly path: string
  /** In git's words: `contents`, `modify/delete`, `directory rename suggested`, `binary`, … */
  readonly kind: string
  /** Empty where there is no text on both sides; bounded, so that there may be more. */
  readonly hunks: readonly OverlapHunk[]
}

/** The lines of both sides where they differ; `one` belongs to the first of the two. */
export interface OverlapHunk {
  /** Line of the merged file, from 1. */
  readonly line: number
  readonly one: string
  readonly other: string
}
