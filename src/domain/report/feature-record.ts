import type { BoardMessage, Party } from '../board/message.ts'
import type { Contract, Department, Phase, Phases } from '../features/department.ts'
import type { Finding } from '../verification/verdict.ts'

/** Everything that is on record of one feature. Times in milliseconds since the epoch; texts are as agents and people wrote them. */
export interface FeatureRecord {
  readonly handle: string
  readonly title: string
  readonly target: string
  readonly status: string
  readonly reason: string
  readonly createdAt: number
  /** Since when it has that status. */
  readonly since: number
  readonly landedAs?: string
  readonly costUsd: number
  readonly phases: Phases
  readonly departments: readonly Department[]
  readonly contracts: readonly Contract[]
  readonly parts: readonly PartRecord[]
  /** Of this feature, in the order in which they were taken. */
  readonly messages: readonly BoardMessage[]
}

/** One department's part. */
export interface PartRecord {
  readonly department: string
  readonly handle: Party
  readonly phase: Phase
  readonly branch: string
  readonly status: string
  readonly reason: string
  readonly checkpoint?: { readonly commit: string; readonly at: number; readonly isInferred: boolean }
  readonly lastCommit?: string
  readonly validation?: { readonly commit: string; readonly isPassed: boolean; readonly summary: string; readonly at: number }
  readonly verdicts: readonly VerdictRecord[]
  /** Of its own branch; unknown once git has them no more. */
  readonly commits?: readonly { readonly at: number; readonly subject: string }[]
  readonly changedFiles?: readonly string[]
  /** When AGENT_NOTES.md was written last; absent while nobody has. */
  readonly notesAt?: number
  readonly overlaps: readonly { readonly other: string; readonly files: readonly string[] }[]
  /** Of an integration: what could not be merged into what it began with. */
  readonly unmerged: readonly { readonly department: string; readonly files: readonly string[] }[]
  readonly landedAs?: string
  readonly costUsd: number
  readonly reviewsUsd: number
}

/** What a department found out about one commit. */
export interface VerdictRecord {
  readonly by: string
  readonly commit: string
  /** `failed`: it gave none. `passed-over`: the person decided against it. */
  readonly outcome: 'approve' | 'findings' | 'failed' | 'passed-over'
  /** How many of its findings keep the commit from landing. */
  readonly must: number
  readonly summary: string
  /** As far as they are on record. */
  readonly findings: readonly Finding[]
  readonly at: number
}

/** What the reader calls this party. */
export function partyName(party: Party, { handle }: Pick<FeatureRecord, 'handle'>): string {
  if (party.startsWith(`${handle}.`)) return party.slice(handle.length + 1)
  return party
}

/** What was said in answer to this, oldest first. */
export function repliesTo({ id }: Pick<BoardMessage, 'id'>, { messages }: Pick<FeatureRecord, 'messages'>): readonly BoardMessage[] {
  return messages.filter(({ inReplyTo }) => inReplyTo === id)
}

/** Of exactly this commit, of each department its first verdict. */
export function verdictsOf({ verdicts }: PartRecord, commit: string | undefined): readonly VerdictRecord[] {
  const first = new Map<string, VerdictRecord>()
  for (const verdict of verdicts) if (verdict.commit === commit && !first.has(verdict.by)) first.set(verdict.by, verdict)
  return [...first.values()]
}

export function isObjection({ outcome, must }: VerdictRecord): boolean {
  return outcome === 'findings' && must > 0
}
