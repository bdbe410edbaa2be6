import type { PermissionRequest } from '../../domain/sessions/session-event.ts'
import { failureCode } from '../../foundation/failure.ts'
import type { AttachRequest, News } from '../news.ts'
import { endsRun, reasonOf } from '../life/ending.ts'
import type { TaskLife } from '../life/task-life.ts'

/** `touched`: something was said to the agent there; a halt is the person's word from elsewhere. */
export type Returned = 'touched' | 'untouched' | 'pause' | 'stop'

/**
 * The conversation goes on in a person's terminal, without a seat, until nothing of it runs there any more. What comes meanwhile is heard afterwards.
 * `asks`: what the session's own process wanted leave for.
 */
export async function lend(life: TaskLife, request: AttachRequest, asks: readonly PermissionRequest[] = []): Promise<Returned> {
  const process = await begin(life, request)
  if (process === undefined) return 'untouched'
  life.follow(process)
  const halt = await untilGivenBack(life, process, request, asks)
  const { isTouched, isTorn } = await life.run.step('take back', () => life.services.terminals.takeBack(life.input, process))
  if (isTouched) life.returned = { isTouched, isTorn }
  return halt ?? (isTouched ? 'touched' : 'untouched')
}

/** What stands in the way of it is the client's to hear, and nothing of the task's. */
async function begin({ run, services, input, attempt }: TaskLife, request: AttachRequest): Promise<string | undefined> {
  try {
    const lent = await run.step('lend', () => services.terminals.lend(input, attempt, request))
    return lent.kind === 'lent' ? lent.process : undefined
  } catch (error) {
    if (endsRun(error)) throw error
    services.terminals.refuse(request.by, { code: failureCode(error) ?? 'internal', reason: reasonOf(error) })
    return undefined
  }
}

async function untilGivenBack(
  life: TaskLife,
  process: string,
  { by, client }: AttachRequest,
  asks: readonly PermissionRequest[],
): Promise<'pause' | 'stop' | undefined> {
  const show = (open: readonly PermissionRequest[]): Promise<void> =>
    life.stage({ kind: 'attached', by, client, ...(open.length > 0 && { asks: open }) })
  await show(asks)
  const later: News[] = []
  for (let halt: 'pause' | 'stop' | undefined; ;) {
    const news = await life.next()
    const isOver = news?.kind === 'exited' && news.process === process
    if (isOver || news?.kind === 'stop') {
      for (const each of later) life.mailbox.defer(each)
      return isOver ? halt : 'stop'
    }
    if (news !== undefined && isForLater(news, by)) later.push(news)
    switch (news?.kind) {
      case 'pause':
        halt = 'pause'
        break
      case 'declared':
        life.declared = news
        break
      case 'leave-decided':
        await show(asks.filter(({ id }) => life.leaves.isOpen(id)))
        break
      case 'merge':
        life.refuseMerge(news.merge, 'you have it in a terminal', 'leave Claude Code there (/exit), and merge it then')
        break
      default:
        break
    }
  }
}

/** Whoever waits or talks next hears it as if it came then. */
function isForLater(news: News, by: string): boolean {
  switch (news.kind) {
    case 'message':
    case 'mail':
    case 'asked':
    case 'leave-decided':
    case 'resume':
      return true
    case 'attach':
      return news.by !== by
    default:
      return false
  }
}
