import { age, plainLine } from '../../../../foundation/text.ts'
import type { MergeEntry } from '../../../../domain/merging/merge-entry.ts'
import type { QueueResponse } from '../../../../protocol/queue.ts'
import type { TaskStatus, TaskVerdict } from '../../../../protocol/task-status.ts'
import type { Line } from '../../../text/line.ts'
import type { Outlook } from '../../desk.ts'
import { fact } from '../frame.ts'

/** All that the queue says before anything is asked of it: what goes, whether it was verified, what will be tested, who is before it, what conflicts. */
export function drawOutlook({ merge, queue, checks }: Outlook, task: TaskStatus, now: number, width: number): readonly Line[] {
  const head = merge.entries.find(({ handle }) => handle === task.handle)?.head ?? merge.entries[0]?.head
  return [
    ...(merge.entries.length === 0 ? fact('Goes', 'nothing: there is nothing to merge', width, 'warning') : []),
    ...merge.entries.flatMap((entry, at) => drawEntry(entry, at === 0 ? 'Goes' : '', width)),
    ...drawVerdicts(task, head, now, width),
    ...fact(
      'Checks',
      checks.length === 0 ? 'none are configured: it lands untested' : checks.join(', then '),
      width,
      checks.length === 0 ? 'warning' : undefined,
    ),
    ...drawWaiting(queue, task, width),
    ...merge.overlaps.flatMap(({ branch, other, files }, at) =>
      fact(at === 0 ? 'Conflicts' : '', `${branch} and ${other} both change ${some(files)}`, width, 'warning'),
    ),
    ...((task.uncommitted ?? 0) > 0
      ? fact('Stays', `${task.uncommitted} uncommitted ${task.uncommitted === 1 ? 'file' : 'files'}: only commits go`, width, 'warning')
      : []),
    ...merge.notes.flatMap((note, at) => fact(at === 0 ? 'Note' : '', note, width)),
  ]
}

/** What is being tested, and which of it is suspected. */
export function drawQueue(queue: QueueResponse, task: TaskStatus, width: number): readonly Line[] {
  const lines = drawStandstill(queue, task, width)
  const found = queue.targets.find(({ target }) => target === task.target)
  const { batch } = found ?? {}
  if (batch !== undefined) {
    lines.push(...fact('Batch', batchWords(batch), width))
    if (batch.suspects.length > 0) lines.push(...fact('Suspects', some(batch.suspects), width, 'warning'))
  }
  const own = found?.entries.findIndex(({ name }) => name === task.handle) ?? -1
  const entry = found?.entries[own]
  if (entry !== undefined)
    lines.push(
      ...fact(
        'Place',
        `${own + 1} of ${found?.entries.length}${entry.isInBatch ? ', in this batch' : ', waits'}${entry.note === undefined ? '' : `: ${entry.note}`}`,
        width,
      ),
    )
  return lines
}

export function canGo({ merge }: Outlook): boolean {
  return merge.entries.some(({ outcome }) => outcome === 'would-land' || outcome === 'running' || outcome === 'waiting')
}

function drawEntry(entry: MergeEntry, name: string, width: number): readonly Line[] {
  const at = entry.head === undefined ? '' : ` at ${entry.head.slice(0, 10)}`
  const who = `${plainLine(entry.handle)}${entry.branch === entry.handle ? '' : ` (${plainLine(entry.branch)})`}${at}`
  switch (entry.outcome) {
    case 'would-land':
      return fact(name, who, width, 'good')
    case 'landed':
    case 'already-landed':
      return fact(name, `${who}: has landed already`, width)
    case 'running':
      return fact(name, `${who}: ${entry.step}`, width)
    case 'waiting':
    case 'void':
    case 'sent-back':
    case 'refused':
      return fact(
        name,
        `${who}: ${entry.outcome === 'waiting' ? 'waits' : 'does not go'}: ${entry.reason}\nNext: ${entry.next}`,
        width,
        'bad',
      )
  }
}

/** A verdict counts for its commit only. */
function drawVerdicts({ verdict, verdicts = [] }: TaskStatus, head: string | undefined, now: number, width: number): readonly Line[] {
  const own =
    verdict === undefined
      ? fact('Verified', 'not yet: the queue tests it', width)
      : verdict.commit !== head
        ? fact('Verified', `another commit (${verdict.commit.slice(0, 10)}), not this one: the queue tests it`, width, 'warning')
        : fact(
            'Verified',
            `${verdict.isPassed ? 'passed' : 'failed'} at this commit ${age(now - Date.parse(verdict.at))} ago: ${verdict.summary}`,
            width,
            verdict.isPassed ? 'good' : 'bad',
          )
  return [
    ...own,
    ...verdicts.flatMap((each, at) =>
      fact(at === 0 ? 'Reviews' : '', reviewWords(each, head), width, each.must > 0 && each.outcome === 'findings' ? 'warning' : undefined),
    ),
  ]
}

function reviewWords({ by, commit, outcome, must, summary }: TaskVerdict, head: string | undefined): string {
  const where = commit === head ? '' : ` (of ${commit.slice(0, 10)}, not this commit)`
  const said = {
    approve: 'approves',
    findings: must > 0 ? `${must} ${must === 1 ? 'objection' : 'objections'}` : 'findings, none of them an objection',
    failed: 'gave no verdict',
    'passed-over': 'passed over by you',
  }[outcome]
  return `${by}: ${said}${where}: ${summary}`
}

function drawWaiting(queue: QueueResponse, task: TaskStatus, width: number): readonly Line[] {
  const found = queue.targets.find(({ target }) => target === task.target)
  const others = (found?.entries ?? []).filter(({ name }) => name !== task.handle)
  const batch = found?.batch === undefined ? '' : `; ${batchWords(found.batch)}`
  const words =
    others.length === 0
      ? 'nobody'
      : `${others.length} ${others.length === 1 ? 'entry' : 'entries'}: ${some(others.map(({ name }) => name))}`
  return [...fact('Before it', `${words}${batch}`, width), ...drawStandstill(queue, task, width)]
}

function drawStandstill({ isPaused, targets, held }: QueueResponse, task: TaskStatus, width: number): Line[] {
  const stopped = targets.find(({ target }) => target === task.target)?.stopped
  const kept = held.find(({ name }) => name === task.handle)
  return [
    ...(isPaused ? fact('Queue', 'paused: orch queue resume lets it go on', width, 'warning') : []),
    ...(stopped === undefined ? [] : fact('Queue', `stands still: ${stopped}`, width, 'bad')),
    ...(kept === undefined ? [] : fact('Held', `tested; lands when ${kept.checkout} is clean (${some(kept.dirty)})`, width, 'warning')),
  ]
}

type Batch = NonNullable<QueueResponse['targets'][number]['batch']>

function batchWords({ work, step, members, leftMs, runs }: Batch): string {
  const what = {
    planning: 'looks who conflicts with whom',
    testing: `tests ${some(members)}${step === undefined ? '' : ` (${step})`}`,
    landing: `lands ${some(members)}`,
  }[work]
  const left = leftMs === undefined || leftMs < 1000 ? '' : `, about ${age(leftMs)} left`
  return `${what}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} so far${left}`
}

function some(names: readonly string[]): string {
  const more = names.length - 4
  return `${plainLine(names.slice(0, 4).join(', '), 300)}${more > 0 ? ` and ${more} more` : ''}`
}
