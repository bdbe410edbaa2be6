import type { Breakage } from '../queue/entry.ts'

/** How far the merge of one task or branch is, and how it ended. `handle`: a task's handle, or the branch itself. */
export type MergeEntry = { readonly handle: string; readonly branch: string; readonly head?: string } & (
  | { readonly outcome: 'landed'; readonly commit: string }
  | { readonly outcome: 'would-land' }
  | { readonly outcome: 'already-landed' }
  | { readonly outcome: 'waiting'; readonly reason: string; readonly next: string }
  /** The queue proved that it breaks something, or that it conflicts. */
  | { readonly outcome: 'sent-back'; readonly reason: string; readonly breakage: Breakage; readonly next: string }
  /** The branch moved while it waited. */
  | { readonly outcome: 'void'; readonly reason: string; readonly next: string }
  | {
      readonly outcome: 'refused'
      readonly code: string
      readonly reason: string
      readonly files?: readonly string[]
      readonly next: string
    }
  | { readonly outcome: 'running'; readonly step: string }
)
