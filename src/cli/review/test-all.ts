import { plainLine } from '../../foundation/text.ts'
import type { TestAllRequest } from '../../protocol/requests.ts'
import type { TestAllResponse, TestVerdict } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { finishedWork } from './finished.ts'

/** The validation of every finished branch alone, and of all of them merged. */
export async function testAll(context: Context, invocation: Invocation): Promise<number> {
  const names = finishedWork(context, invocation.words).map(({ status }) => status.handle)
  if (names.length === 0) return answerNothing(context, invocation)
  const body: TestAllRequest = {
    cwd: context.cwd,
    names,
    environment: wholeEnvironment(context),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  let response = await ask<TestAllResponse>(context, { method: 'POST', path: '/v1/test-all', body }, 'looking at what there is to test')
  while (!response.isDone) {
    const path = `/v1/test-all/${encodeURIComponent(response.id)}?wait=1`
    response = await ask<TestAllResponse>(context, { method: 'GET', path }, `testing ${progressOf(response)}`)
  }
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else print(context, response)
  const verdicts = [response.merged, ...response.rows.map(({ alone }) => alone)]
  return verdicts.every(({ outcome }) => outcome === 'passed' || outcome === 'waiting') ? EXIT.done : EXIT.failed
}

function answerNothing(context: Context, invocation: Invocation): number {
  if (flag(invocation, 'json')) context.output.json({ schema: 1, rows: [] })
  else context.output.answer('nothing to test')
  return EXIT.done
}

function progressOf({ rows, merged }: TestAllResponse): string {
  const running = rows.find(({ alone }) => alone.outcome === 'running')
  return running?.name ?? (merged.outcome === 'running' ? 'all of them merged' : `${rows.length} branches`)
}

function print(context: Context, { rows, merged, isDryRun }: TestAllResponse): void {
  const lines = [...rows.map(({ name, alone }) => [plainLine(name, 60), alone] as const), ['all merged', merged] as const]
  const widest = Math.max(...lines.map(([name]) => name.length))
  for (const [name, verdict] of lines)
    context.output.answer(`${name.padEnd(widest)}  ${isDryRun ? 'would be tested' : verdictWords(verdict)}`)
}

function verdictWords({ outcome, summary, durationMs, isCached }: TestVerdict): string {
  const time = isCached === true ? 'known' : durationMs === undefined ? undefined : `${(durationMs / 1000).toFixed(1)} s`
  return [outcome, ...(time === undefined ? [] : [`(${time})`]), ...(summary === '' ? [] : [plainLine(summary)])].join(' ')
}
