import { plainLine } from '../../foundation/text.ts'
import type { FlakyResponse, QueueResponse } from '../../protocol/queue.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { queueLines } from '../view/queue-lines.ts'
import { openPage } from '../view/watched-page.ts'
import { unlessInterrupted } from '../interruption.ts'

export async function queue(context: Context, invocation: Invocation): Promise<number> {
  const path = `/v1/queue?cwd=${encodeURIComponent(context.cwd)}`
  const first = await ask<QueueResponse>(context, { method: 'GET', path }, 'looking at the queue')
  if (flag(invocation, 'follow')) return follow(context, path, first, await followed(context, invocation))
  if (flag(invocation, 'json')) context.output.json(first)
  else context.output.answer(queueLines(first, context.now()).join('\n'))
  return EXIT.done
}

interface Followed {
  show(this: void, response: QueueResponse): void
  end(this: void): void
}

async function follow(context: Context, path: string, first: QueueResponse, { show, end }: Followed): Promise<number> {
  const interruption = context.interruption()
  let shown = first
  show(shown)
  while (!interruption.aborted) {
    const call = { method: 'GET', path: `${path}&wait=${shown.version}` } as const
    const found = await unlessInterrupted(interruption, (signal) => ask<QueueResponse>(context, { ...call, signal }, ''))
    if (found === undefined) break
    if (found.version !== shown.version) show(found)
    shown = found
  }
  end()
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

const REDRAW_MS = 1000

/** One object a change, or a page: in place on a terminal, with ages that go on. */
async function followed(context: Context, invocation: Invocation): Promise<Followed> {
  if (flag(invocation, 'json')) return { show: (response) => context.output.json(response), end: () => {} }
  const { stream, isTerminal } = context.output.answers
  const page = await openPage(stream, isTerminal, '`orch queue`')
  let last: { readonly response: QueueResponse; readonly at: number } | undefined
  const draw = (): void => {
    if (last !== undefined) page.show(queueLines(last.response, context.now(), last.at).join('\n'))
  }
  const timer = isTerminal ? setInterval(draw, REDRAW_MS) : undefined
  const end = (): void => {
    clearInterval(timer)
    page.end()
  }
  return { show: (response) => ((last = { response, at: context.now() }), draw()), end }
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
