import type { Notice } from './notice.ts'
import type { NoticeLine } from './notice-record.ts'

/** One notice and what has become of it. */
export interface KnownNotice {
  readonly notice: Notice
  /** Of its line: larger than that of all that came before it. */
  readonly position: number
  /** Epoch milliseconds: when it was found, which may be long after what it tells of. */
  readonly foundAt: number
  readonly to: readonly string[]
  /** Quiet hours do not hold it back. */
  readonly isLoud: boolean
  /** Nobody is told of it any more. `settled`: its cause is gone; `seen`: the person said so. */
  readonly over: 'settled' | 'seen' | undefined
}

export interface KnownNotices {
  /** In the order in which they came. */
  readonly notices: ReadonlyMap<string, KnownNotice>
  /** Ids of what was so before anybody listened, or was told so long ago that nothing else is kept of it. */
  readonly silent: ReadonlySet<string>
}

export function knownNotices(lines: readonly NoticeLine[]): KnownNotices {
  const notices = new Map<string, KnownNotice>()
  const silent = new Set<string>()
  for (const line of lines) {
    if (line.type === 'notice') notices.set(line.notice.id, toKnown(line))
    if (line.type === 'silent') for (const id of line.ids) silent.add(id)
    if (line.type === 'again') for (const id of line.ids) revive(notices, id)
    if (line.type === 'over') for (const id of line.ids) end(notices, id, line.why)
  }
  return { notices, silent }
}

function toKnown({ n, notice, to, isLoud = false, at }: Extract<NoticeLine, { type: 'notice' }>): KnownNotice {
  return { notice, to, isLoud, position: n, foundAt: at, over: undefined }
}

/** What the person has seen they need not hear of once more. */
function revive(notices: Map<string, KnownNotice>, id: string): void {
  const known = notices.get(id)
  if (known?.over === 'settled') notices.set(id, { ...known, over: undefined })
}

function end(notices: Map<string, KnownNotice>, id: string, why: 'settled' | 'seen'): void {
  const known = notices.get(id)
  if (known !== undefined && known.over !== 'seen') notices.set(id, { ...known, over: why })
}
