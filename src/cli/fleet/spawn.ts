import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Failure } from '../../foundation/failure.ts'
import { MOST_ATTEMPTS } from '../../domain/attempts/contest-facts.ts'
import { plainLine } from '../../foundation/text.ts'
import type { SpawnRequest } from '../../protocol/requests.ts'
import type { SpawnResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { amount, flag, text, whole } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { rememberTask } from '../tasks/last-task.ts'

export async function spawn(context: Context, invocation: Invocation): Promise<number> {
  const [name = ''] = invocation.words
  if (name.trim() === '') throw usageFailure('The name is empty.')
  const isManual = flag(invocation, 'manual') || flag(invocation, 'tmux')
  if (isManual && text(invocation, 'attempts') !== undefined)
    throw usageFailure('A session of your own is one: --attempts needs orch to start them.')
  const prompt = promptOf(context, invocation)
  if ((prompt ?? '').trim() === '' && !isManual)
    throw usageFailure('A session needs a prompt.', 'orch spawn NAME "what to do", --prompt-file FILE, or --manual')
  return start(context, invocation, { kind: isManual ? 'manual' : 'spawned', name, ...(prompt !== undefined && { prompt }) })
}

export async function quick(context: Context, invocation: Invocation): Promise<number> {
  const [prompt = ''] = invocation.words
  if (prompt.trim() === '') throw usageFailure('A session needs a prompt.', 'orch quick "what to do"')
  return start(context, invocation, { kind: 'quick', prompt })
}

async function start(context: Context, invocation: Invocation, what: Pick<SpawnRequest, 'kind' | 'name' | 'prompt'>): Promise<number> {
  const [base, model, validate, budgetUsd] = [
    text(invocation, 'base'),
    text(invocation, 'model'),
    text(invocation, 'validate'),
    amount(invocation, 'budget'),
  ]
  const attempts = whole(invocation, 'attempts', 1, MOST_ATTEMPTS)
  const body: SpawnRequest = {
    ...what,
    cwd: context.cwd,
    environment: wholeEnvironment(context),
    id: randomUUID(),
    ...(base !== undefined && { base }),
    ...(model !== undefined && { model }),
    ...(validate !== undefined && { validate }),
    ...(attempts !== undefined && { attempts }),
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const response = await ask<SpawnResponse>(
    context,
    { method: 'POST', path: '/v1/spawn', body, isRepeatable: true },
    'preparing the worktree and its session',
  )
  if (!response.isDryRun) rememberTask(context, response.task.handle)
  if (flag(invocation, 'tmux') && !response.isDryRun) await openWindow(context, response)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else if (flag(invocation, 'tmux') && !response.isDryRun)
    context.output.answer(`${plainLine(response.task.handle)}: opened in the tmux window ${plainLine(response.task.task)}`)
  else answer(context, response)
  return EXIT.done
}

function answer(context: Context, { task, command, isDryRun }: SpawnResponse): void {
  const count = task.contest?.attempts.length
  const what = count === undefined ? `on ${plainLine(task.branch)}` : `with ${count} attempts`
  context.output.answer(command ?? `${plainLine(task.handle)}: ${isDryRun ? 'would start' : 'started'} ${what}`)
  if (task.worktree !== undefined) context.output.note(`worktree ${plainLine(task.worktree, 4096)}`)
}

function promptOf(context: Context, invocation: Invocation): string | undefined {
  const path = text(invocation, 'promptFile')
  if (path === undefined) return invocation.words[1]
  if (invocation.words[1] !== undefined) throw usageFailure('Give the prompt or --prompt-file, not both.')
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (cause) {
    throw new Failure('prompt-unreadable', `The prompt file ${path} cannot be read.`, {
      cause,
      safe: 'nothing was started.',
      next: 'check the path',
    })
  }
}

/** The command is the daemon's own, quoted for a shell. */
async function openWindow({ environment }: Context, { task, command }: SpawnResponse): Promise<void> {
  const { openTmuxWindow } = await import('../attach/tmux-window.ts')
  await openTmuxWindow(
    environment,
    { name: task.task, folder: task.worktree ?? '.', argv: command === undefined ? [] : ['/bin/sh', '-c', command] },
    { safe: 'the worktree is ready.', next: command ?? 'start tmux first' },
  )
}
