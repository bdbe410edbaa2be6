import { blocksSender } from '../board/message.ts'
import { partyName, repliesTo, verdictsOf, type FeatureRecord, type PartRecord } from './feature-record.ts'

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
  return feature.parts.map((part) => ({
    department: part.department,
    phase: part.phase,
    status: part.status,
    reason: part.reason,
    branch: part.branch,
    checkpoint: checkpointWords(part),
    verdicts: verdictWords(part),
    needs: openOf(part, feature, 'need').map(({ id, to }) => `${names(to, feature)} (${id})`),
    owns: feature.departments.find(({ name }) => name === part.department)?.owns ?? [],
    blockedOn: openOf(part, feature).map(({ id, kind, to }) => `${names(to, feature)} (${kind} ${id})`),
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
  const reviews = verdictsOf(part, checkpoint?.commit).map(({ by, findings }) => {
    const must = findings.filter(({ severity }) => severity === 'must').length
    return must === 0 ? `${by} approves` : `${by} objects (${must})`
  })
  return [...tests, ...reviews]
}

function openOf({ handle }: PartRecord, feature: FeatureRecord, kind?: string) {
  return feature.messages.filter(
    (message) =>
      message.from === handle &&
      blocksSender(message) &&
      (kind === undefined || message.kind === kind) &&
      !repliesTo(message, feature).some(({ from }) => from !== handle),
  )
}

function names(to: readonly string[], feature: FeatureRecord): string {
  return to.map((party) => partyName(party, feature)).join(', ')
}
