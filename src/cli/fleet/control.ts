import { wholeEnvironment } from '../context.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { ResumeRequest, StopRequest } from '../../protocol/requests.ts'
import type { Command } from '../command-spec.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'
import { answerTask } from './task-answer.ts'

export const pause = control('pause', 'paused')
export const resume = control('resume', 'resumed')

/** Waits until the session's process has ended, unless told not to. */
export const stop: Command = async (context, invocation) => {
  const name = nameForDaemon(context, invocation.words[0])
  const isDetached = !flag(invocation, 'wait')
  const body: StopRequest = {
    cwd: context.cwd,
    ...(name !== undefined && { name }),
    ...(isDetached && { isDetached }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const call = { method: 'POST', path: '/v1/stop', body, isRepeatable: true } as const
  const response = await ask<TaskResponse>(context, call, 'waiting for the session to end')
  if (response.isPending !== true) return answerTask(context, invocation, response, 'stopped')
  const note = 'Its process has not ended yet: orch list shows when it has.'
  answerTask(context, invocation, { ...response, note }, 'told to stop')
  return isDetached ? EXIT.done : EXIT.failed
}

function control(verb: string, said: string): Command {
  return async (context, invocation) => {
    const name = nameForDaemon(context, invocation.words[0])
    const body: ResumeRequest = {
      cwd: context.cwd,
      ...(name !== undefined && { name }),
      ...(verb === 'resume' && { environment: wholeEnvironment(context) }),
      ...(flag(invocation, 'dryRun') && { isDryRun: true }),
    }
    const response = await ask<TaskResponse>(
      context,
      { method: 'POST', path: `/v1/${verb}`, body, isRepeatable: true },
      `asking the daemon to ${verb}`,
    )
    return answerTask(context, invocation, response, said)
  }
}
