import { randomUUID } from 'node:crypto'
import { Failure } from '../../foundation/failure.ts'
import type { CleanupRequest, MergeRequest, SendRequest } from '../../protocol/requests.ts'
import type { CleanupResponse, MergeResponse, TaskResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Desk, Outcome } from '../../tui/review/item.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { renderError } from '../failures.ts'
import { mergeLine } from '../merging/merge.ts'
import { spanOf } from './changes.ts'
import { loadMaterial } from './material.ts'
import { keepSkipped } from './skipped.ts'

/** What the screens of `orch review` do: the same requests as the commands of these names. */
export function makeDesk(context: Context): Desk {
  return {
    load: ({ status }) => loadMaterial(context, status),
    merge: async ({ status }, reviewed) => {
      await requireUnmoved(context, status, reviewed)
      return mergeTask(context, status)
    },
    sendBack: async ({ status }, message) => {
      await sendBack(context, status, message, false)
      return { lines: [`${status.handle}: sent back; its session has the message`], isSettled: true }
    },
    discard: async ({ status }, reason) => {
      const { entries } = await discard(context, status, reason, false)
      return { lines: entries.flatMap(discardLines), isSettled: entries.every(({ outcome }) => outcome === 'removed') }
    },
    skip: async ({ status }, reviewed) => {
      await keepSkipped(context.home, status.handle, reviewed)
      return { lines: [`${status.handle}: skipped until its branch moves`], isSettled: false }
    },
    explain: (error) => renderError(error, '').split('\n'),
  }
}

/** What a person has not seen is not merged on their word. */
async function requireUnmoved(context: Context, status: TaskStatus, reviewed: string): Promise<void> {
  const { to } = await spanOf(await (await context.services()).git.open(status.repository), status)
  if (to === reviewed) return
  throw new Failure(
    'branch-moved',
    `${status.branch} has moved from ${reviewed.slice(0, 10)} to ${to.slice(0, 10)} since you looked at it`,
    {
      safe: 'nothing was merged',
      next: `orch review ${status.handle}`,
    },
  )
}

async function mergeTask(context: Context, { repository, handle }: TaskStatus): Promise<Outcome> {
  const body: MergeRequest = { cwd: repository, names: [handle], environment: wholeEnvironment(context) }
  let response = await ask<MergeResponse>(context, { method: 'POST', path: '/v1/merge', body }, `merging ${handle}`)
  while (!response.isDone) {
    const path = `/v1/merge/${encodeURIComponent(response.id)}?wait=1`
    response = await ask<MergeResponse>(context, { method: 'GET', path }, `merging ${handle}`)
  }
  const lines = response.entries.flatMap((entry) => mergeLine(entry).split('\n'))
  return { lines, isSettled: response.entries.every(({ outcome }) => outcome === 'landed' || outcome === 'already-landed') }
}

export function sendBack(context: Context, { repository, handle }: TaskStatus, text: string, isDryRun: boolean): Promise<TaskResponse> {
  const body: SendRequest = { cwd: repository, name: handle, text, when: 'steer', id: randomUUID(), ...(isDryRun && { isDryRun }) }
  return ask<TaskResponse>(context, { method: 'POST', path: '/v1/send', body, isRepeatable: true }, `sending ${handle} back`)
}

export function discard(context: Context, { repository, handle }: TaskStatus, reason: string, isDryRun: boolean): Promise<CleanupResponse> {
  const body: CleanupRequest = { cwd: repository, names: [handle], abandonReason: reason, ...(isDryRun && { isDryRun }) }
  return ask<CleanupResponse>(context, { method: 'POST', path: '/v1/cleanup', body }, `archiving ${handle}`)
}

export function discardLines({
  handle,
  outcome,
  reason,
  steps,
  restore = [],
  next,
}: CleanupResponse['entries'][number]): readonly string[] {
  const said =
    outcome === 'removed' ? 'discarded' : outcome === 'would-remove' ? 'would be discarded' : `not discarded: ${reason ?? 'refused'}`
  return [
    `${handle}: ${said}`,
    ...steps.map((step) => `  ${step}`),
    ...restore.map((command) => `  Restore: ${command}`),
    ...(next === undefined ? [] : [`  Next: ${next}`]),
  ]
}
