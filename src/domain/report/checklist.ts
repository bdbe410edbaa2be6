import { ownsPath, sharedPath } from '../backlog/ownership.ts'
import { blocksSender, type MessageKind, ORCH } from '../board/message.ts'
import { isObjection, repliesTo, verdictsOf, type FeatureRecord, type PartRecord } from './feature-record.ts'
import { minute } from './markdown.ts'

/** One line of the success checklist. `open`: the facts do not say, or it is too early. */
export interface Check {
  readonly name: string
  readonly outcome: 'yes' | 'no' | 'open'
  /** What it was computed from. */
  readonly evidence: readonly string[]
}

type Found = Omit<Check, 'name'>

/** What makes a feature well led, computed from what is on record: nobody ticks it. */
export function checklist(feature: FeatureRecord): readonly Check[] {
  const checks: readonly (readonly [name: string, found: Found])[] = [
    ['Responsibilities are clear and do not overlap', responsibilities(feature)],
    ['Discovery came before implementation', discovery(feature)],
    ['Scratchpads are current', scratchpads(feature)],
    ['The tracking table shows every department', tracking(feature)],
    ['Departments reviewed each other during the work', crossReviews(feature)],
    ['Every question and need was answered', answers(feature)],
    ['No conflict was in the way at integration', conflicts(feature)],
    ['All tests pass after integration', tests(feature)],
    ['Documentation was looked at with the implementation', documentation(feature)],
  ]
  return checks.map(([name, found]) => ({ name, ...found }))
}

/** By the plan: no path has two owners. By what was done: no file was changed by two departments, none outside of what its department owns. */
function responsibilities({ departments, parts }: FeatureRecord): Found {
  const evidence: string[] = []
  departments.forEach((one, at) => {
    for (const other of departments.slice(at + 1)) {
      const path = one.owns.length === 0 || other.owns.length === 0 ? undefined : sharedPath(one.owns, other.owns)
      if (path !== undefined) evidence.push(`${one.name} and ${other.name} both own ${path === '' ? 'some path' : path}`)
    }
  })
  const workers = parts.filter(({ phase }) => phase === 'departments')
  for (const [file, names] of changers(workers)) if (names.length > 1) evidence.push(`${file} was changed by ${names.join(' and ')}`)
  for (const part of workers) {
    const owns = departments.find(({ name }) => name === part.department)?.owns ?? []
    const strays = owns.length === 0 ? [] : (part.changedFiles ?? []).filter((file) => !ownsPath(owns, file))
    if (strays.length > 0) evidence.push(`${part.department} changed what it does not own: ${shortList(strays)}`)
  }
  if (evidence.length > 0) return { outcome: 'no', evidence }
  const silent = departments.filter(({ name, owns }) => owns.length === 0 && workers.some(({ department }) => department === name))
  const unclaimed = silent.length > 1 ? [`${silent.map(({ name }) => name).join(' and ')} own nothing by the plan`] : []
  if (workers.every(({ changedFiles }) => changedFiles === undefined))
    return { outcome: 'open', evidence: ['no commits to look at', ...unclaimed] }
  return { outcome: 'yes', evidence: [`${changers(workers).size} files, each changed by one department`, ...unclaimed] }
}

function changers(parts: readonly PartRecord[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { department, changedFiles = [] } of parts)
    for (const file of changedFiles) found.set(file, [...(found.get(file) ?? []), department])
  return found
}

const FINDINGS: ReadonlySet<MessageKind> = new Set(['context', 'contract', 'decision', 'offer', 'need', 'question'])

function discovery({ phases, parts, messages }: FeatureRecord): Found {
  if (!phases.discovery) return { outcome: 'open', evidence: ['switched off'] }
  return each(
    parts.filter(({ phase }) => phase === 'departments'),
    ({ department, handle, commits }) => {
      const first = messages.find(({ from, kind }) => from === handle && FINDINGS.has(kind))
      const commit = commits?.at(0)
      if (first === undefined) return commit === undefined ? undefined : `${department} committed and wrote nothing to the board before`
      // Commits know only seconds.
      if (commit !== undefined && commit.at + 999 < first.writtenAt) return `${department} committed before it wrote ${first.id}`
      return [`${department}: ${first.id} (${first.kind})`]
    },
  )
}

/** Notes are written before what they are about is committed. */
const NOTES_LAST_MS = 15 * 60_000

function scratchpads({ parts }: FeatureRecord): Found {
  return each(parts, ({ department, notesAt, commits }) => {
    const last = commits?.at(-1)
    if (notesAt === undefined) return last === undefined ? undefined : `${department} wrote no notes`
    if (last !== undefined && notesAt < last.at - NOTES_LAST_MS) return `the notes of ${department} are older than its work`
    return [`${department}: ${minute(notesAt)}`]
  })
}

function tracking({ departments, parts, landedAs }: FeatureRecord): Found {
  const missing = departments.filter(({ name }) => !parts.some(({ department }) => department === name))
  if (missing.length === 0) return { outcome: 'yes', evidence: [`${parts.length} parts, computed from their records`] }
  return { outcome: landedAs === undefined ? 'open' : 'no', evidence: [`not begun: ${missing.map(({ name }) => name).join(', ')}`] }
}

function crossReviews({ phases, parts }: FeatureRecord): Found {
  if (!phases.reviews) return { outcome: 'open', evidence: ['switched off'] }
  const given = parts.flatMap(({ department, verdicts }) =>
    verdicts.filter(({ by }) => by !== department).map(({ by, commit }) => `${by} judged ${department} at ${commit.slice(0, 10)}`),
  )
  if (given.length === 0) return { outcome: parts.some(({ landedAs }) => landedAs) ? 'no' : 'open', evidence: ['no verdict yet'] }
  const objections = parts.flatMap((part) =>
    verdictsOf(part, part.checkpoint?.commit)
      .filter(isObjection)
      .map(({ by }) => `${by} objects to ${part.department}`),
  )
  return { outcome: objections.length > 0 ? 'no' : 'yes', evidence: [...objections, ...given] }
}

function answers(feature: FeatureRecord): Found {
  const asked = feature.messages.filter(blocksSender)
  const open = asked.filter((message) => !repliesTo(message, feature).some(({ from }) => from !== message.from))
  if (open.length === 0)
    return { outcome: 'yes', evidence: [asked.length === 0 ? 'nothing was asked' : `${asked.length} asked and answered`] }
  const outcome = feature.landedAs === undefined ? 'open' : 'no'
  return { outcome, evidence: open.map(({ id, kind }) => `${kind} ${id} has no answer`) }
}

function conflicts({ parts, landedAs, messages, handle }: FeatureRecord): Found {
  const evidence = [
    ...parts.flatMap(({ unmerged }) => unmerged.map(({ department, files }) => `${department} did not merge: ${shortList(files)}`)),
    ...(landedAs === undefined
      ? parts.flatMap(({ department, overlaps }) =>
          overlaps
            .filter(({ other }) => other.startsWith(`${handle}.`))
            .map(({ other, files }) => `${department} and ${other}: ${shortList(files)}`),
        )
      : []),
  ]
  if (evidence.length > 0) return { outcome: 'no', evidence }
  const isSettled = messages.some(({ kind, from }) => kind === 'conflict' && from === ORCH)
  const told = isSettled ? 'what was seen was settled before it landed' : 'none was seen'
  return landedAs === undefined ? { outcome: 'open', evidence: ['it has not landed yet', told] } : { outcome: 'yes', evidence: [told] }
}

function tests({ parts, landedAs, target }: FeatureRecord): Found {
  const failed = parts.filter(({ validation }) => validation?.isPassed === false)
  if (landedAs !== undefined) return { outcome: 'yes', evidence: [`the queue tested and landed ${landedAs.slice(0, 10)} on ${target}`] }
  if (failed.length > 0)
    return { outcome: 'no', evidence: failed.map(({ department, validation }) => `${department}: ${validation?.summary ?? 'failed'}`) }
  return { outcome: 'open', evidence: ['it has not landed yet'] }
}

/** Whether what it says is right only a reader can tell; whether somebody was to look is a fact. */
function documentation({ departments, parts }: FeatureRecord): Found {
  const writer = parts.find(({ department }) => department === 'docs')
  const judged = parts.flatMap(({ department, verdicts }) =>
    verdicts.filter(({ by }) => by === 'docs').map(() => `docs judged ${department}`),
  )
  if (judged.length > 0) return { outcome: 'yes', evidence: [...new Set(judged)] }
  if (writer?.landedAs !== undefined) return { outcome: 'yes', evidence: [`docs wrote ${writer.changedFiles?.length ?? 'its'} files`] }
  const hasDocs = departments.some(({ name }) => name === 'docs')
  return { outcome: 'open', evidence: [hasDocs ? 'docs has not landed yet' : 'the feature has no department docs'] }
}

/** A text is what is wrong, a list what is right, undefined that it is too early to tell. */
function each(parts: readonly PartRecord[], judge: (part: PartRecord) => string | readonly string[] | undefined): Found {
  const judged = parts.map(judge)
  const wrong = judged.filter((found) => typeof found === 'string')
  if (wrong.length > 0) return { outcome: 'no', evidence: wrong }
  const evidence = judged.flatMap((found) => (found === undefined || typeof found === 'string' ? [] : found))
  return judged.length === 0 || judged.includes(undefined)
    ? { outcome: 'open', evidence: [...evidence, 'too early to tell of all'] }
    : { outcome: 'yes', evidence }
}

function shortList(items: readonly string[]): string {
  return items.length <= 5 ? items.join(', ') : `${items.slice(0, 5).join(', ')} and ${items.length - 5} more`
}
