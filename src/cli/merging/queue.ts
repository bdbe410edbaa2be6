import { plainLine } from '../../foundation/text.ts'
import type { FlakyResponse, QueueResponse } from '../../protocol/queue.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { queueLines } from '../view/queue-lines.ts'

export async function queue(context: Context, invocation: Invocation): Promise<number> {
  const path = `/v1/queue?cwd=${encodeURIComponent(context.cwd)}`
  let shown = await ask<QueueResponse>(context, { method: 'GET', path }, 'looking at the queue')
  show(context, invocation, shown)
  if (!flag(invocation, 'follow')) return EXIT.done
  const interruption = context.interruption()
  const interrupted = new Promise<undefined>((resolve) => interruption.addEventListener('abort', () => resolve(undefined), { once: true }))
  while (!interruption.aborted) {
    const next = ask<QueueResponse>(context, { method: 'GET', path: `${path}&wait=${shown.version}` }, '')
    const found = await Promise.race([next, interrupted])
    if (found === undefined) {
      next.catch(() => undefined)
      break
    }
    if (found.version !== shown.version) show(context, invocation, found)
    shown = found
  }
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

function show(context: Context, invocation: Invocation, response: QueueResponse): void {
  if (flag(invocation, 'json')) context.output.json(response)
  else context.output.answer(queueLines(response, context.now()).join('\n'))
}

export async function flaky(context: Context, invocation: Invocation): Promise<number> {
  const path = `/v1/queue/flaky?cwd=${encodeURIComponent(context.cwd)}`
  const response = await ask<FlakyResponse>(context, { method: 'GET', path }, 'looking at flaky tests')
  if (flag(invocation, 'json')) context.output.json(response)
  else if (response.tests.length === 0) context.output.answer('no test has failed and passed on the same tree so far')
  else
    for (const { step, file, name, count, lastAt } of response.tests)
      context.output.answer(
        `${count}×  ${plainLine(file === undefined ? name : `${file}: ${name}`)}  (${plainLine(step)}, last ${lastAt.slice(0, 10)})`,
      )
  return EXIT.done
}
