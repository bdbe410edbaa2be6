import { age, plainLine } from '../../foundation/text.ts'
import type { QueueResponse } from '../../protocol/queue.ts'

type Target = QueueResponse['targets'][number]

const WHY: Readonly<Record<NonNullable<NonNullable<Target['batch']>['why']>, string>> = {
  batch: 'all of them together',
  rest: 'all but the suspects',
  'flaky?': 'the failing tests once more',
  'target?': 'the failing tests on the target itself',
  suspect: 'the failing tests with a suspect',
  search: 'the failing tests with a part of them',
  partner: 'with which other it fails',
  cleared: 'those that are cleared',
  alone: 'one by itself',
  confirm: 'the proof once more',
}

/** For people: what is being tested, and who waits. */
export function queueLines({ project, isPaused, targets, held, suiteMs }: QueueResponse, now: number, asOf = now): string[] {
  const lines = isPaused ? [`${plainLine(project)}: paused; orch queue resume`] : []
  const waiting = held.flatMap((one) => heldLines(one))
  if (targets.length === 0) return [...lines, ...(waiting.length > 0 ? waiting : [`${plainLine(project)}: nothing waits to land`])]
  const pace = suiteMs === undefined ? [] : [`one run of the whole suite takes about ${spell(suiteMs)}`]
  return [...lines, ...targets.flatMap((target) => targetLines(target, now, now - asOf)), ...waiting, ...pace]
}

function heldLines({ name, target, checkout, dirty }: QueueResponse['held'][number]): string[] {
  return [
    `${plainLine(name)}: tested, waits for your checkout of ${plainLine(target)}: ${plainLine(checkout)} has uncommitted changes (${some(dirty)})`,
    '  Next: commit or stash there; it lands by itself then',
  ]
}

/** Below a second an age says nothing. */
function spell(ms: number): string {
  return ms < 1000 ? 'a second' : age(ms)
}

function targetLines({ target, stopped, entries, batch }: Target, now: number, sinceMs: number): string[] {
  const lines = [`to ${plainLine(target)}: ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`]
  if (stopped !== undefined) lines.push(`  stands still: ${plainLine(stopped, 500)}`)
  if (batch !== undefined) lines.push(...batchLines(batch, now, sinceMs))
  for (const [index, entry] of entries.entries()) {
    const at = entry.isInBatch ? 'in this batch' : 'waits'
    const priority = entry.priority === 0 ? '' : `, priority ${entry.priority}`
    const note = entry.note === undefined ? '' : `: ${plainLine(entry.note, 300)}`
    lines.push(
      `  ${index + 1}. ${plainLine(entry.name)} (${entry.head.slice(0, 10)}) ${at} since ${age(now - Date.parse(entry.since))}${priority}${note}`,
    )
  }
  return lines
}

function batchLines(
  { work, why, step, members, suspects, leftMs, runs, since }: NonNullable<Target['batch']>,
  now: number,
  sinceMs: number,
): string[] {
  const what =
    work === 'testing' && why !== undefined
      ? `tests ${WHY[why]}${step === undefined ? '' : ` (${plainLine(step)})`}: ${some(members)}`
      : work === 'landing'
        ? `lands ${some(members)}`
        : 'looks who conflicts with whom'
  const left = leftMs === undefined || leftMs - sinceMs < 1000 ? '' : `, about ${age(leftMs - sinceMs)} left`
  const lines = [`  ${what}; ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} so far in ${age(now - Date.parse(since))}${left}`]
  if (suspects.length > 0) lines.push(`  suspected so far: ${some(suspects)}`)
  return lines
}

function some(names: readonly string[]): string {
  const more = names.length - 5
  return `${plainLine(names.slice(0, 5).join(', '), 400)}${more > 0 ? ` and ${more} more` : ''}`
}
