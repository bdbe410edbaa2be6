import { openWaits } from '../board/waits.ts'
import { openNeeds } from '../handoff/needs.ts'
import { isObjection, partyName, verdictsOf, type FeatureRecord, type PartRecord, type VerdictRecord } from './feature-record.ts'

/** A row of the tracking table. Texts are not cleaned yet. */
export interface TrackingRow {
  readonly department: string
  readonly phase: string
  readonly status: string
  readonly reason: string
  readonly branch: string
  /** `3f2a…`, with what is behind it: `stale` where the branch has gone on. */
  readonly checkpoint: string
  readonly verdicts: readonly string[]
  /** What it needs of others and does not have. */
  readonly needs: readonly string[]
  readonly owns: readonly string[]
  readonly blockedOn: readonly string[]
}

export function trackingTable(feature: FeatureRecord): readonly TrackingRow[] {
  const needs = openNeeds(feature.messages)
  const waits = openWaits(
    feature.messages,
    new Set(feature.parts.filter(({ landedAs }) => landedAs !== undefined).map(({ handle }) => handle)),
  )
  return feature.parts.map((part) => ({
    department: part.department,
    phase: part.phase,
    status: part.status,
    reason: part.reason,
    branch: part.branch,
    checkpoint: checkpointWords(part),
    verdicts: verdictWords(part),
    needs: needs.filter(({ by }) => by === part.handle).map(({ id, of }) => `${names(of, feature)} (${id})`),
    owns: feature.departments.find(({ name }) => name === part.department)?.owns ?? [],
    blockedOn: waits
      .filter(({ who }) => who === part.handle)
      .map(({ for: whom, kind, message }) => `${partyName(whom, feature)} (${kind} ${message})`),
  }))
}

function checkpointWords({ checkpoint, lastCommit, landedAs }: PartRecord): string {
  if (landedAs !== undefined) return `landed as ${landedAs.slice(0, 10)}`
  if (checkpoint === undefined) return ''
  const isStale = lastCommit !== undefined && checkpoint.commit !== '' && lastCommit !== checkpoint.commit
  return `${checkpoint.commit.slice(0, 10)}${isStale ? ' (stale)' : ''}`
}

function verdictWords(part: PartRecord): readonly string[] {
  const { validation, checkpoint } = part
  const tests =
    validation === undefined || validation.commit !== checkpoint?.commit ? [] : [`tests ${validation.isPassed ? 'pass' : 'fail'}`]
  const reviews = verdictsOf(part, checkpoint?.commit).map((verdict) => `${verdict.by} ${verdictWord(verdict)}`)
  return [...tests, ...reviews]
}

function verdictWord(verdict: VerdictRecord): string {
  if (isObjection(verdict)) return `objects (${verdict.must})`
  return { approve: 'approves', findings: 'approves', failed: 'gave no verdict', 'passed-over': 'was passed over' }[verdict.outcome]
}

function names(to: readonly string[], feature: FeatureRecord): string {
  return to.map((party) => partyName(party, feature)).join(', ')
}
