import { open } from 'node:fs/promises'
import { replaceFile } from '../../platform/files.ts'
import type { EndedEvent, JournalEvent } from './journal-event.ts'
import { renderEvent } from './journal-event.ts'
import type { RunState, Runs } from './runs/run-state.ts'

/**
 * Shortens the log. What ended for good goes to the archive as one record each, durably, before the log without it
 * takes the old one's name: a crash in between only leaves both. Ended children of a live run
 * stay as one record, because the parent may not have recorded their result.
 */
export async function compact(paths: { log: string; archive: string }, events: readonly JournalEvent[], runs: Runs): Promise<number> {
  const keep = (id: string) => keptForm(runs, id)
  const archived = [...runs.values()].filter((run) => run.parent === undefined && run.end !== undefined)
  const inLog = new Set(events.map((event) => event.run))
  const records = archived.filter((run) => inLog.has(run.id) && keep(run.id) === 'none').flatMap((run) => endedEvent(run))
  await appendDurably(paths.archive, records.map(renderEvent).join(''))
  const text = events
    .flatMap((event) => shortened(event, keep(event.run), runs))
    .map(renderEvent)
    .join('')
  await replaceFile(paths.log, text)
  return Buffer.byteLength(text)
}

type KeptForm = 'whole' | 'record' | 'none'

function keptForm(runs: Runs, id: string): KeptForm {
  const run = runs.get(id)
  if (run === undefined) return 'none'
  if (run.end === undefined) return 'whole'
  return hasLiveAncestor(runs, run) ? 'record' : 'none'
}

function hasLiveAncestor(runs: Runs, run: RunState): boolean {
  for (let above = parentOf(runs, run); above !== undefined; above = parentOf(runs, above)) {
    if (above.end === undefined) return true
  }
  return false
}

function parentOf(runs: Runs, run: RunState): RunState | undefined {
  return run.parent === undefined ? undefined : runs.get(run.parent)
}

function shortened(event: JournalEvent, form: KeptForm, runs: Runs): JournalEvent[] {
  if (form === 'whole') return [event]
  const run = runs.get(event.run)
  const isFirst = event.type === 'start' || event.type === 'ended'
  return form === 'record' && isFirst && run !== undefined ? endedEvent(run) : []
}

function endedEvent(run: RunState): EndedEvent[] {
  if (run.end === undefined) return []
  const { at, ...end } = run.end
  const { id, name, input, parent, startedAt } = run
  return [{ v: 1, type: 'ended', run: id, name, input, ...(parent === undefined ? {} : { parent }), ...end, startedAt, endedAt: at }]
}

async function appendDurably(path: string, text: string): Promise<void> {
  if (text === '') return
  const file = await open(path, 'a', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
