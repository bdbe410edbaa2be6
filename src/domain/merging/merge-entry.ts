/** How far one task's merge is, and how it ended. */
export type MergeEntry = { readonly handle: string; readonly branch: string; readonly head?: string } & (
  | { readonly outcome: 'landed'; readonly commit: string }
  | { readonly outcome: 'would-land' }
  | { readonly outcome: 'already-landed' }
  | { readonly outcome: 'waiting'; readonly reason: string; readonly next: string }
  | {
      readonly outcome: 'refused'
      readonly code: string
      readonly reason: string
      readonly files?: readonly string[]
      readonly next: string
    }
  | { readonly outcome: 'running'; readonly step: string }
)
