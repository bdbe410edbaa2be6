/** What a reviewing department found about one exact commit of another one's work. It counts for no other commit. */
export type ReviewVerdict = {
  /** The department that reviewed; never the author's. */
  readonly by: string
  /** The author's department. */
  readonly of: string
  readonly commit: string
  readonly outcome: 'approve' | 'findings'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly at: number
}

export type Finding = {
  readonly path: string
  /** From 1 on, in the reviewed commit. */
  readonly line?: number
  /** Only `must` keeps the work from being approved. */
  readonly severity: 'must' | 'should' | 'note'
  readonly what: string
  /** What would be lost if it stayed as it is. */
  readonly loss: string
}
