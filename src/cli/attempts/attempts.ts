import type { MergeRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, whole } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { followMerge } from '../merging/merge.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { attemptRows, attemptLines } from './attempt-lines.ts'
import { contestReport, reportLines } from './contest-report.ts'

/** `orch attempts TASK`: how its attempts compare; with `--take N` that one lands; `--report` is about all tasks of the repository. */
export async function attempts(context: Context, invocation: Invocation): Promise<number> {
  const [name] = invocation.words
  const number = whole(invocation, 'take', 1, 99)
  if (flag(invocation, 'report')) {
    if (name !== undefined || number !== undefined) throw usageFailure('--report is about all tasks; it takes neither a name nor --take.')
    return report(context, invocation)
  }
  const task = requireContest(context, name)
  rememberTask(context, task.handle)
  return number === undefined ? show(context, invocation, task) : take(context, invocation, task, number)
}

function report(context: Context, invocation: Invocation): number {
  const found = contestReport(context.home, shownTasks(context, flag(invocation, 'all')).tasks)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), ...found })
  else for (const line of reportLines(found)) context.output.answer(line)
  return EXIT.done
}

function show(context: Context, invocation: Invocation, task: TaskStatus): number {
  const rows = attemptRows(task, loadStatuses(context.home).tasks)
  const { contest, handle, status, reason, costUsd } = task
  if (flag(invocation, 'json')) {
    const { proposed, taken } = contest ?? {}
    context.output.json({ schema: 1, handle, status, reason, costUsd, proposed, taken, attempts: rows })
    return EXIT.done
  }
  for (const line of attemptLines(task, rows, context.output.answers)) context.output.answer(line)
  return EXIT.done
}

async function take(context: Context, invocation: Invocation, task: TaskStatus, attempt: number): Promise<number> {
  const body: MergeRequest = {
    cwd: context.cwd,
    names: [task.handle],
    attempt,
    environment: wholeEnvironment(context),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  return followMerge(context, invocation, await ask<MergeResponse>(context, { method: 'POST', path: '/v1/merge', body }, 'taking it'))
}

/** Of one of its attempts the task is meant too. */
function requireContest(context: Context, name: string | undefined): TaskStatus {
  const named = requireTask(context, name)
  const task = named.attemptOf === undefined ? named : requireTask(context, named.attemptOf.task)
  if (task.contest !== undefined) return task
  throw usageFailure(`${task.handle} has one session only.`, 'orch run --attempts 3, or `- attempts: 3` below the task in the backlog')
}
