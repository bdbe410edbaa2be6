import { randomUUID } from 'node:crypto'
import type { SendRequest } from '../../protocol/requests.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'
import { answerTask } from './task-answer.ts'

/** One word is the text for the session of this worktree; with two the first one names the session. */
export async function send(context: Context, invocation: Invocation): Promise<number> {
  const [first, second, ...rest] = invocation.words
  if (rest.length > 0) throw usageFailure('The text must be one word to the shell.', 'put it in quotes: orch send NAME "text"')
  const text = second ?? first ?? ''
  if (text.trim() === '') throw usageFailure('There is no text to send.')
  const name = nameForDaemon(context, second === undefined ? undefined : first)
  const body: SendRequest = {
    cwd: context.cwd,
    ...(name !== undefined && { name }),
    text,
    when: flag(invocation, 'afterTurn') ? 'next-turn' : 'steer',
    id: randomUUID(),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const response = await ask<TaskResponse>(
    context,
    { method: 'POST', path: '/v1/send', body, isRepeatable: true },
    'handing the message over',
  )
  return answerTask(context, invocation, response, 'given the message')
}
