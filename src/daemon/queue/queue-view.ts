import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { QueueResponse, QueueRun } from '../../protocol/queue.ts'
import type { RunFacts } from '../../workflows/services.ts'
import type { Batch, Lane } from './lane.ts'
import type { QueueRecord } from './queue-record.ts'

/** What `orch queue` shows of a project. */
export function queueResponse(
  project: string,
  { lanes, held, version }: { readonly lanes: readonly Lane[]; readonly held: QueueResponse['held']; readonly version: number },
  record: QueueRecord,
  now: number,
): QueueResponse {
  const suiteMs = record.suiteMs(project)
  return {
    schema: 1,
    project,
    version,
    isPaused: record.isPaused(project),
    ...(suiteMs !== undefined && { suiteMs }),
    targets: lanes.filter((lane) => lane.waiting.size > 0 || lane.batch !== undefined).map((lane) => targetView(lane, suiteMs, now)),
    held,
  }
}

function targetView(lane: Lane, suiteMs: number | undefined, now: number): QueueResponse['targets'][number] {
  const { batch } = lane
  const stopped = [...new Set([...lane.stopped.values()].map(({ reason }) => reason))]
  return {
    target: lane.target,
    ...(stopped.length > 0 && { stopped: stopped.join('; ') }),
    entries: lane.entries().map(({ offer: { entry, settings }, note, batch: at }) => ({
      name: entry.name,
      branch: entry.branch,
      head: entry.head,
      priority: entry.priority,
      isInBatch: at !== undefined,
      steps: settings.steps.map((step) => step.name),
      since: new Date(entry.at).toISOString(),
      ...(note !== undefined && { note }),
    })),
    ...(batch !== undefined && { batch: batchView(batch, suiteMs, now) }),
  }
}

function batchView(batch: Batch, suiteMs: number | undefined, now: number): NonNullable<QueueResponse['targets'][number]['batch']> {
  const { work } = batch
  const names = namesOf(batch)
  const members = work.kind === 'planning' ? [] : work.members.map((id) => names.get(id) ?? id)
  const runningMs = now - batch.startedAt - batch.runs.reduce((sum, run) => sum + run.durationMs, 0)
  return {
    id: batch.id,
    since: new Date(batch.startedAt).toISOString(),
    work: work.kind,
    ...(work.kind === 'testing' && { why: work.why, ...(work.step !== undefined && { step: work.step }) }),
    members,
    suspects: suspectsOf(batch),
    // Of the run at work; what comes after it depends on what it finds.
    ...(work.kind === 'testing' && work.scope === 'all' && suiteMs !== undefined && { leftMs: Math.max(0, suiteMs - runningMs) }),
    runs: batch.runs.map((run) => toRun(run, names, suiteMs)),
  }
}

/** For those who wait for the batch. */
export function workWords({ work, input }: Batch): string {
  switch (work.kind) {
    case 'planning':
      return 'looking who conflicts with whom'
    case 'landing':
      return 'landing'
    case 'testing': {
      const what = work.step === undefined ? 'testing' : `testing (${work.step})`
      return work.why === 'batch' || work.why === 'rest' || work.why === 'cleared'
        ? `${what} ${work.members.length} of ${input.offers.length} together`
        : `${what} who broke what`
    }
  }
}

/** Those that single runs were spent on. */
function suspectsOf(batch: Batch): string[] {
  const names = namesOf(batch)
  const asked = batch.runs.filter(({ why, members }) => (why === 'suspect' || why === 'alone' || why === 'confirm') && members.length > 0)
  return [...new Set(asked.map(({ members }) => members.at(-1) ?? ''))].map((id) => names.get(id) ?? id)
}

function namesOf({ input }: Batch): Map<string, string> {
  return new Map(input.offers.map(({ entry }) => [entry.id, entry.name]))
}

function toRun(run: RunFacts, names: ReadonlyMap<string, string>, suiteMs: number | undefined): QueueRun {
  const { scope, members, ...facts } = run
  return {
    ...facts,
    members: members.map((id) => names.get(id) ?? id),
    scope: scope === 'all' ? 'all' : { step: scope.step, tests: scope.tests.map((test) => test.name) },
    share: shareOf(run, suiteMs),
  }
}

/** What one whole run costs is one; what was known costs nothing. */
function shareOf(run: RunFacts, suiteMs: number | undefined): number {
  if (run.isCached || run.outcome === 'unbuildable') return 0
  if (suiteMs === undefined || suiteMs === 0) return run.scope === 'all' ? 1 : 0
  return Math.round((run.durationMs / suiteMs) * 1000) / 1000
}

/** The runs that were spent on these entries, and what they come to in runs of the whole suite. */
export function mergeRuns(
  batches: readonly Batch[],
  entries: readonly MergeEntry[],
): { readonly runs: readonly QueueRun[]; readonly suiteEquivalents: number } {
  const names = new Set(entries.map(({ handle }) => handle))
  const concerned = batches.filter(({ input }) => input.offers.some(({ entry }) => names.has(entry.name)))
  const suiteMs = suiteMsOf(concerned.flatMap(({ runs }) => runs))
  const runs = concerned.flatMap((batch) => batch.runs.map((run) => toRun(run, namesOf(batch), suiteMs)))
  return { runs, suiteEquivalents: Math.round(runs.reduce((sum, { share }) => sum + share, 0) * 1000) / 1000 }
}

/** A whole run that passed went through every step. */
function suiteMsOf(runs: readonly RunFacts[]): number | undefined {
  const whole = runs.filter(({ scope, isCached }) => scope === 'all' && !isCached)
  const passed = whole.filter(({ outcome }) => outcome === 'passed')
  const times = (passed.length > 0 ? passed : whole).map(({ durationMs }) => durationMs).toSorted((a, b) => a - b)
  return times[Math.floor(times.length / 2)]
}
