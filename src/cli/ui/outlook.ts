import { loadConfig } from '../../config/load-config.ts'
import type { QueueResponse } from '../../protocol/queue.ts'
import type { MergeRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Outlook } from '../../tui/board/desk.ts'
import { wholeEnvironment, type Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'

/** What `orch merge --dry-run` and `orch queue` would say of a task, and what would be checked. */
export async function loadOutlook(context: Context, task: TaskStatus): Promise<Outlook> {
  const { repository, handle } = task
  const body: MergeRequest = { cwd: repository, names: [handle], environment: wholeEnvironment(context), isDryRun: true }
  const [merge, queue, { config }] = await Promise.all([
    ask<MergeResponse>(context, { method: 'POST', path: '/v1/merge', body }, ''),
    loadQueue(context, task),
    loadConfig({ home: context.home, root: repository, environment: context.environment }),
  ])
  return { merge, queue, checks: (config.validate ?? []).map(({ run }) => run) }
}

/** `other`: another one than this version, or after a while the same. */
export function loadQueue(
  context: Context,
  { repository }: TaskStatus,
  other?: { readonly than: number; readonly signal: AbortSignal },
): Promise<QueueResponse> {
  const query = { cwd: repository, ...(other !== undefined && { wait: String(other.than) }) }
  const path = `/v1/queue?${new URLSearchParams(query).toString()}`
  return ask<QueueResponse>(context, { method: 'GET', path, ...(other && { signal: other.signal }) }, '')
}
