import { plainLine } from '../../foundation/text.ts'
import { trackingTable, type TrackingRow } from '../../domain/report/tracking-table.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { styleStatus } from '../view/urgency.ts'
import { loadFeature, requireFeature } from './feature-record.ts'

/** Of the feature that is named, else of all that are not cleaned up. */
export async function table(context: Context, invocation: Invocation): Promise<number> {
  const chosen = chosenFeatures(context, invocation.words[0])
  const tables = await Promise.all(chosen.map(async (status) => ({ status, rows: trackingTable(await loadFeature(context, status)) })))
  if (flag(invocation, 'json')) {
    const features = tables.map(({ status: { handle, title, status, reason }, rows }) => ({ handle, title, status, reason, rows }))
    context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), features })
    return EXIT.done
  }
  if (tables.length === 0)
    context.output.note('no features here: `orch feature "…" -d frontend,backend` begins one, `orch list` shows tasks')
  for (const { status, rows } of tables) for (const line of tableLines(context, status, rows)) context.output.answer(line)
  return EXIT.done
}

function chosenFeatures(context: Context, name: string | undefined): readonly TaskStatus[] {
  if (name === undefined) return shownTasks(context, false).tasks.filter(({ kind, status }) => kind === 'feature' && status !== 'Archived')
  const status = requireFeature(context, name)
  rememberTask(context, status.handle)
  return [status]
}

const WIDEST = 40

/** One block a department: a table of ten columns fits no terminal. */
function tableLines(context: Context, { handle, status, reason }: TaskStatus, rows: readonly TrackingRow[]): readonly string[] {
  const { styles } = context.output.answers
  const names = Math.min(WIDEST, Math.max(0, ...rows.map(({ department }) => department.length)))
  const phases = Math.max(0, ...rows.map(({ phase }) => phase.length))
  const lines = rows.flatMap((row) => {
    const head = `  ${plainLine(row.department).padEnd(names)}  ${row.phase.padEnd(phases)}  ${styleStatus(styles, row.status as TaskStatus['status'], row.status.padEnd(10))}  ${plainLine(row.branch, 60)}  ${plainLine(row.checkpoint)}`
    const facts = [
      ['owns', row.owns],
      ['verdicts', row.verdicts],
      ['needs', row.needs],
      ['waits for', row.blockedOn],
    ] as const
    const told = facts.filter(([, items]) => items.length > 0).map(([name, items]) => `${name} ${plainLine(items.join(', '), 120)}`)
    return [head.trimEnd(), ...[plainLine(row.reason), ...told].map((line) => `  ${' '.repeat(names)}  ${line}`)]
  })
  return [`${plainLine(handle)}: ${status}: ${plainLine(reason)}`, ...lines]
}
