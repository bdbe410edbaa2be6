import type { Answer } from './hold.ts'
import { lend } from './attach/lend.ts'
import { hold } from './hold.ts'
import type { Limited } from './talk/talk-end.ts'
import type { TaskLife } from './life/task-life.ts'

/** A process that waits for longer than this is ended: it holds memory, and its conversation is resumed in a second. */
const KEPT_PROCESS_MS = 5 * 60_000
/** The provider's clock is not ours: a limit that is said to be gone already is asked again, but not at once. */
const AGAIN_MS = 10_000

/** Nobody has to do anything; the time wakes the task, or a person does. What they say meanwhile is heard when it goes on. */
export async function park(life: TaskLife, { until, reason }: Limited): Promise<Answer> {
  const now = await life.run.step('parked', () => life.services.now())
  const wakeAt = until > now ? until : now + AGAIN_MS
  if (wakeAt - now > KEPT_PROCESS_MS) await life.stopSession()
  const show = (): Promise<void> => life.stage({ kind: 'parked', reason: `${reason}; goes on ${timeOf(wakeAt, now)}`, until: wakeAt })
  await show()
  for (let leftMs = wakeAt - now; ;) {
    const longestMs = leftMs // a clock that is set back does not draw the wait out
    leftMs = await life.run.step('until then', () => Math.min(longestMs, wakeAt - life.services.now()))
    const news = leftMs > 0 ? await life.next(leftMs) : undefined
    switch (news?.kind) {
      case undefined:
        return { kind: 'go-on' }
      case 'resume':
        life.passGate()
        return { kind: 'go-on' }
      case 'message':
        life.mailbox.keep(news)
        break
      case 'attach': {
        const returned = await lend(life, news)
        if (returned === 'pause' || returned === 'stop') return hold(life, { kind: 'paused', by: returned })
        if (returned === 'touched') return { kind: 'go-on' }
        await show()
        break
      }
      case 'merge':
        life.refuseMerge(news.merge)
        break
      case 'stop':
        await life.stopSession()
        return hold(life, { kind: 'paused', by: 'stop' })
      case 'pause':
        return hold(life, { kind: 'paused', by: 'pause' })
      default:
        break
    }
  }
}

function timeOf(at: number, now: number): string {
  const [day, time] = new Date(at).toISOString().split('T')
  return at - now < 24 * 3600_000 ? `at ${time?.slice(0, 8)} UTC` : `on ${day} at ${time?.slice(0, 5)} UTC`
}
