import { randomUUID } from 'node:crypto'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { runInTerminal } from '../../platform/detached/terminal-wrapper.ts'
import type { AttachRequest } from '../../protocol/requests.ts'
import type { AttachResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, type Invocation } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { ownClient } from './own-client.ts'
import { inTerminal, RESTORED } from './terminal-state.ts'
import { openWindow } from './tmux-window.ts'

type Ready = Extract<AttachResponse, { kind: 'ready' }>

/** A session in this terminal, as an interactive Claude Code, until it is left there; then orch goes on with it. */
export async function attach(context: Context, invocation: Invocation): Promise<number> {
  const name = nameForDaemon(context, invocation.words[0])
  const isNow = flag(invocation, 'now')
  const isDryRun = flag(invocation, 'dryRun')
  if (flag(invocation, 'json') && !isDryRun) throw usageFailure('--json says what would be done: it goes with --dry-run.')
  if (flag(invocation, 'tmux') && !isDryRun) return openWindow(context, name, isNow)
  if (!isDryRun) requireTerminal()
  const request = {
    cwd: context.cwd,
    ...(name !== undefined && { name }),
    id: randomUUID(),
    client: await ownClient(),
    ...(isNow && { isNow }),
    ...(isDryRun && { isDryRun }),
  }
  const response = await untilReady(context, request)
  rememberTask(context, response.task.handle)
  return response.kind === 'ready' ? run(context, response) : explain(context, invocation, response)
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return
  throw new Failure('no-terminal', 'A session is attached to a terminal, and this is none.', {
    safe: 'nothing was changed.',
    next: 'type it in a terminal, or add --tmux inside tmux',
  })
}

/** The turn that runs may take its time; Ctrl-C here leaves everything as it is. */
async function untilReady(context: Context, request: AttachRequest): Promise<Exclude<AttachResponse, { kind: 'waiting' }>> {
  let [said, shown] = ['asking for the session', '']
  for (let body = request; ; body = { ...request, isAgain: true }) {
    const response = await ask<AttachResponse>(context, { method: 'POST', path: '/v1/attach', body, isRepeatable: true }, said)
    if (response.kind !== 'waiting') return response
    const { handle, reason } = response.task
    const progress = `waiting for the end of its turn (${handle}: ${reason}); --now ends it`
    if (progress === shown) said = ''
    else said = shown = progress
  }
}

async function run(context: Context, { task, terminal }: Ready): Promise<number> {
  const handle = plainLine(task.handle)
  const end = await runInTerminal({ ...terminal, environment: inTerminal(terminal.environment, context.environment) })
  if (end.kind === 'closed')
    throw new Failure('taken-back', `${handle} was taken back before it was open here.`, {
      safe: 'nothing was started.',
      next: 'orch monitor',
    })
  if (end.code !== 0) process.stdout.write(RESTORED)
  const how = end.code === 0 ? '' : ` (Claude Code ended with ${end.code})`
  context.output.note(`${handle}: given back to orch${how}. orch logs ${handle} shows how it goes on.`)
  return EXIT.done
}

function explain(context: Context, invocation: Invocation, { task, waits }: Extract<AttachResponse, { kind: 'would' }>): number {
  const isTmux = flag(invocation, 'tmux')
  if (flag(invocation, 'json')) context.output.json({ schema: 1, task, isDryRun: true, waits, in: isTmux ? 'tmux' : 'terminal' })
  else {
    const when = waits ? 'at the end of its turn' : 'at once'
    context.output.answer(`${plainLine(task.handle)}: would be opened in ${isTmux ? 'a new tmux window' : 'this terminal'} ${when}.`)
  }
  return EXIT.done
}
