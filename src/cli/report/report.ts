import { resolve } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import { checklist } from '../../domain/report/checklist.ts'
import { featureReport } from '../../domain/report/feature-report.ts'
import { trackingTable } from '../../domain/report/tracking-table.ts'
import { replaceFile } from '../../platform/files.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { loadFeature, requireFeature } from './feature-record.ts'

export async function report(context: Context, invocation: Invocation): Promise<number> {
  const status = requireFeature(context, invocation.words[0])
  rememberTask(context, status.handle)
  const feature = await loadFeature(context, status)
  const isJson = flag(invocation, 'json')
  const json = {
    schema: 1,
    at: new Date(context.now()).toISOString(),
    checklist: checklist(feature),
    table: trackingTable(feature),
    feature,
  }
  const output = text(invocation, 'output')
  if (output === undefined) {
    if (isJson) context.output.json(json)
    else context.output.answer(featureReport(feature).trimEnd())
    return EXIT.done
  }
  const path = resolve(context.cwd, output)
  await replaceFile(path, isJson ? `${JSON.stringify(json, undefined, 2)}\n` : featureReport(feature), { mode: 0o644 })
  context.output.note(`wrote ${plainLine(path, 4096)}`)
  return EXIT.done
}
