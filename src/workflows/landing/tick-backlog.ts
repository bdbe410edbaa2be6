import type { Sha, TaskId } from '../../foundation/brand.ts'
import { tickTask } from '../../domain/backlog/tick.ts'
import type { Repository } from '../../ports/git.ts'
import type { Offer } from '../queue/offer.ts'

/** The backlog with this task's box ticked, as an edit of the merged tree; none when it is not committed there or already ticked. */
export async function tickedBacklog(
  repository: Repository,
  target: Sha,
  head: Sha,
  { backlog, task, title }: NonNullable<Offer['tick']>,
): Promise<Record<string, Uint8Array>> {
  const base = await repository.mergeBase(target, head)
  if (base === undefined) return {}
  const [committed, before, after] = await Promise.all([target, base, head].map((commit) => repository.readFile(commit, backlog)))
  // A branch that changed the backlog itself is merged as it is; the box is then ticked in the file after the landing.
  if (committed === undefined || !isSame(before, after)) return {}
  const ticked = tickTask(committed, task as TaskId, title)
  return ticked.kind === 'ticked' ? { [backlog]: ticked.bytes } : {}
}

function isSame(before: Uint8Array | undefined, after: Uint8Array | undefined): boolean {
  return before === undefined || after === undefined ? before === after : Buffer.from(before).equals(after)
}
