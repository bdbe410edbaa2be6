import type { TaskId } from '../../foundation/brand.ts'

export type BacklogProblemCode =
  | 'too-large'
  | 'empty-title'
  | 'malformed-box'
  | 'unknown-attribute'
  | 'repeated-attribute'
  | 'bad-value'
  | 'duplicate-id'
  | 'unknown-need'
  | 'cycle'
  | 'overlap'

/** Why `plan` and `run` refuse a backlog; the message is plain text that may quote the file, so it is cleaned before it is printed. */
export interface BacklogProblem {
  readonly code: BacklogProblemCode
  /** 1-based. */
  readonly line: number
  readonly message: string
  /** The other line of a duplicate or an overlap, or all lines of a cycle. */
  readonly otherLines?: readonly number[]
  readonly suggestion?: string
  /** The tasks of a cycle, in order; each needs the next, the last needs the first. */
  readonly path?: readonly TaskId[]
}
