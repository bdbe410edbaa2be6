import { wholeEnvironment } from '../context.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { ResumeRequest } from '../../protocol/requests.ts'
import type { Command } from '../command-spec.ts'
import { ask } from '../daemon-client/client.ts'
import { flag } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'
import { answerTask } from './task-answer.ts'

export const pause = control('pause', 'paused')
export const resume = control('resume', 'resumed')
export const stop = control('stop', 'stopped')

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
