import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { InboxItem } from '../gates/inbox-item.ts'
import type { Stage } from '../tasks/stage.ts'
import { finishedFleet, type FleetTask } from './finished-fleet.ts'
import type { Notice, NoticeKind, Urgency } from './notice.ts'

export interface TaskSeen extends FleetTask {
  readonly handle: string
  readonly project: string
  readonly title: string
  readonly reason: string
  readonly landedAs?: string
  readonly stage: Stage | undefined
}

export interface FleetSeen {
  readonly waits: readonly InboxItem[]
  readonly tasks: readonly TaskSeen[]
  /** Nothing moves any more, and nobody has to be answered first. */
  readonly isAtEnd: boolean
  /** The notice of a limit that has not been lifted yet. */
  readonly limit: string | undefined
}

/** All that there is to tell of how things stand now; the same state gives the same notices. `idOf`: the same text gives the same id. */
export function standingNotices(fleet: FleetSeen, idOf: (cause: string) => string): readonly Notice[] {
  const stages = new Map(fleet.tasks.map(({ handle, stage }) => [handle, stage]))
  const all = [
    ...fleet.waits.map((item) => waitingNotice(item, stages.get(item.who), idOf)),
    ...fleet.tasks.flatMap((task) => landedNotice(task, idOf)),
    ...limitNotice(fleet, idOf),
    ...(fleet.isAtEnd ? finishedNotice(fleet.tasks, idOf) : []),
  ]
  return [...new Map(all.map((notice) => [notice.id, notice])).values()].toSorted((a, b) => a.at - b.at)
}

/** A limit that goes within this time is sat out; it is nothing to call a person for. */
const LONG_PARK_MS = 10 * 60_000
const LONGEST_TEXT = 600
const MOST_LINES = 8

function waitingNotice(item: InboxItem, stage: Stage | undefined, idOf: (cause: string) => string): Notice {
  const { project, who, what, text, options, since, next } = item
  const [kind, words, urgency] = meaningOf(item, stage)
  const shown = item.kind === 'permission' || item.kind === 'choice' ? what : text
  const choices = item.kind === 'choice' || options === undefined ? '' : `\n${options.map((option) => `– ${option}`).join('\n')}`
  return {
    id: idOf(causeOf(item, kind)),
    kind,
    urgency,
    at: Date.parse(since),
    project,
    handle: who,
    title: plainLine(`${who} ${words}`),
    text: shortBlock(`${shown}${choices}`),
    next,
  }
}

function meaningOf({ kind }: InboxItem, stage: Stage | undefined): readonly [NoticeKind, string, Urgency] {
  switch (kind) {
    case 'review':
      return ['ready', 'is ready for review', 'normal']
    case 'failed':
      return ['failed', 'failed', 'high']
    default:
      return stage?.kind === 'unfinished' && stage.code === 'over-budget'
        ? ['budget', 'has used up its budget', 'high']
        : ['needs-you', 'needs you', 'high']
  }
}

/** A question is the same however often it is looked at; a whole task comes to the same point anew. */
function causeOf({ id, kind, project, who, since }: InboxItem, notice: NoticeKind): string {
  if (kind === 'task' || kind === 'failed' || kind === 'review') return `${notice} ${who} ${since}`
  // The inbox puts the project in front where another one has the same number.
  const own = kind === 'permission' || kind === 'choice' ? `${who} ${id}` : id.slice(id.lastIndexOf('/') + 1)
  return `${notice} ${project} ${own}`
}

/** Also of one that was put away since: the daemon may have been dead in between. */
function landedNotice(task: TaskSeen, idOf: (cause: string) => string): readonly Notice[] {
  const { handle, project, title, status, since, createdAt, landedAs, isInner } = task
  const hasLanded = status === 'Merged' || (status === 'Archived' && landedAs !== undefined)
  if (isInner || !hasLanded) return []
  return [
    {
      id: idOf(`landed ${handle} ${landedAs ?? createdAt}`),
      kind: 'landed',
      urgency: 'low',
      at: Date.parse(since),
      project,
      handle,
      title: plainLine(`${handle} has landed`),
      text: shortBlock(landedAs === undefined ? title : `${title}\nas ${landedAs.slice(0, 10)}`),
      next: `orch report ${handle}`,
    },
  ]
}

/** One for all that are held by it, for as long as it holds any. */
function limitNotice({ tasks, limit }: FleetSeen, idOf: (cause: string) => string): readonly Notice[] {
  const parked = tasks.flatMap(({ stage, since, reason }) =>
    stage?.kind === 'parked' && stage.until - Date.parse(since) >= LONG_PARK_MS ? [{ until: stage.until, since, reason }] : [],
  )
  const last = parked.toSorted((a, b) => a.until - b.until).at(-1)
  if (last === undefined) return []
  const title = `${parked.length === 1 ? 'A session waits' : `${parked.length} sessions wait`} for a limit to be lifted`
  const id = limit ?? idOf(`limit ${last.until}`)
  return [{ id, kind: 'limit', urgency: 'normal', at: Date.parse(last.since), title, text: shortBlock(last.reason), next: 'orch monitor' }]
}

export function liftedNotice(limit: string, at: number, idOf: (cause: string) => string): Notice {
  const title = 'The limit is lifted'
  const text = 'The sessions that waited for it go on.'
  return { id: idOf(`lifted ${limit}`), kind: 'limit-lifted', urgency: 'low', at, title, text, next: 'orch monitor' }
}

function finishedNotice(tasks: readonly TaskSeen[], idOf: (cause: string) => string): readonly Notice[] {
  const fleet = finishedFleet(tasks)
  if (fleet === undefined) return []
  const { begun, ended, text } = fleet
  const id = idOf(`finished ${new Date(begun).toISOString()}`)
  return [{ id, kind: 'finished', urgency: 'normal', at: ended, title: 'The fleet is finished', text, next: 'orch monitor' }]
}

function shortBlock(text: string): string {
  const lines = plainBlock(text).trim().split('\n')
  const kept = lines.slice(0, MOST_LINES).join('\n')
  const points = [...kept]
  if (points.length > LONGEST_TEXT) return `${points.slice(0, LONGEST_TEXT - 1).join('')}…`
  return lines.length > MOST_LINES ? `${kept}\n…` : kept
}
