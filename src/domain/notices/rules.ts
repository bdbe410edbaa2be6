import { type Notice, type NoticeKind, urgencies, type Urgency } from './notice.ts'

/** Which notices it is about (what it does not name it does not ask), and what is done with them. */
export interface NoticeRule {
  readonly kinds?: readonly NoticeKind[]
  /** At least. */
  readonly urgency?: Urgency
  readonly projects?: readonly string[]
  /** `webhook` is all of them. Empty: nobody is told. */
  readonly channels?: readonly string[]
  /** In quiet hours. */
  readonly quiet?: 'hold' | 'tell'
}

/** Who tells a notice. Of each question the first rule that answers it counts; without one, all channels tell what is no small matter, and not in quiet hours. */
export function routeOf(
  notice: Notice,
  rules: readonly NoticeRule[],
  channels: readonly string[],
): { readonly to: readonly string[]; readonly isLoud: boolean } {
  const own = rules.filter((rule) => isAbout(rule, notice))
  const wanted = own.find((rule) => rule.channels !== undefined)?.channels
  const to = wanted === undefined ? (notice.urgency === 'low' ? [] : channels) : channels.filter((channel) => isNamed(channel, wanted))
  return { to, isLoud: own.find((rule) => rule.quiet !== undefined)?.quiet === 'tell' }
}

function isAbout({ kinds, urgency, projects }: NoticeRule, notice: Notice): boolean {
  return (
    (kinds === undefined || kinds.includes(notice.kind)) &&
    (urgency === undefined || urgencies.indexOf(notice.urgency) >= urgencies.indexOf(urgency)) &&
    (projects === undefined || (notice.project !== undefined && projects.includes(notice.project)))
  )
}

function isNamed(channel: string, wanted: readonly string[]): boolean {
  return wanted.some((name) => channel === name || channel.startsWith(`${name}:`))
}
