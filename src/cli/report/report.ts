import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { checklist } from '../../domain/report/checklist.ts'
import { featureReport } from '../../domain/report/feature-report.ts'
import { trackingTable } from '../../domain/report/tracking-table.ts'
import { isErrno } from '../../platform/errno.ts'
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
  await save(path, isJson ? `${JSON.stringify(json, undefined, 2)}\n` : featureReport(feature), feature.handle)
  context.output.note(`wrote ${plainLine(path, 4096)}`)
  return EXIT.done
}

/** Over an earlier report of this feature, and over no other file. */
async function save(path: string, content: string, handle: string): Promise<void> {
  const earlier = await readFile(path, 'utf8').catch((error: unknown) => (isErrno(error, 'ENOENT') ? undefined : ''))
  const isReport = earlier === undefined || earlier.includes(`\n- feature \`${handle}\`:`) || earlier.startsWith('{\n  "schema": 1,')
  if (!isReport)
    throw new Failure('not-a-report', `${plainLine(path, 4096)} is there already and is no report of ${handle}`, {
      safe: 'it was left as it is',
      next: 'another name for --output',
    })
  if (!existsSync(dirname(path)))
    throw new Failure('no-folder', `there is no folder ${plainLine(dirname(path), 4096)}`, {
      safe: 'nothing was written',
      next: 'make it, or another path for --output',
    })
  await replaceFile(path, content, { mode: 0o644 })
}
