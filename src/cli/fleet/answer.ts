import type { AnswerRequest } from '../../protocol/requests.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { Command } from '../command-spec.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { requestQuestion } from '../view/urgency.ts'
import { answerTask } from './task-answer.ts'

export const approve = answering('allow', 'approved')
export const deny = answering('deny', 'denied')

function answering(kind: 'allow' | 'deny', said: string): Command {
  return async (context, invocation) => {
    const [typed = '', reason = 'denied by the person'] = invocation.words
    if (typed === '') throw usageFailure('The request is empty.', '`orch list` shows what waits')
    const found = loadStatuses(context.home)
      .tasks.flatMap((task) => task.requests.map((request) => ({ task, request })))
      .filter(({ request }) => request.id.startsWith(typed))
    if (found.length > 1 && !found.some(({ request }) => request.id === typed))
      throw usageFailure(`"${typed}" may be ${found.map(({ request }) => request.id).join(' or ')}.`)
    const requestId = found.find(({ request }) => request.id === typed)?.request.id ?? found[0]?.request.id ?? typed
    if (flag(invocation, 'dryRun')) {
      const [first] = found
      if (first !== undefined && flag(invocation, 'json')) {
        context.output.json({ schema: 1, task: first.task, isDryRun: true } satisfies { schema: 1 } & TaskResponse)
        return EXIT.done
      }
      context.output.answer(
        first === undefined
          ? `no open request is called ${typed}`
          : `${first.task.handle}: ${requestQuestion(first.request)} would be ${said}`,
      )
      return first === undefined ? EXIT.failed : EXIT.done
    }
    const body: AnswerRequest = { requestId, decision: kind === 'allow' ? { kind } : { kind, reason } }
    return answerTask(
      context,
      invocation,
      await ask<TaskResponse>(context, { method: 'POST', path: '/v1/answer', body }, 'answering'),
      said,
    )
  }
}
