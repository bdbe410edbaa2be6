import type { Notice } from './notice.ts'
import type { NoticeLine } from './notice-record.ts'

/** One notice and what has become of it. */
export interface KnownNotice {
  readonly notice: Notice
  /** Of its line: larger than that of all that came before it. */
  readonly position: number
  readonly to: readonly string[]
  /** Nobody is told of it any more. `settled`: its cause is gone; `seen`: the person said so. */
  readonly over: 'settled' | 'seen' | undefined
}

/** What the lines come to, in the order in which the notices came. */
export function knownNotices(lines: readonly NoticeLine[]): ReadonlyMap<string, KnownNotice> {
  const all = new Map<string, KnownNotice>()
  for (const line of lines) {
    if (line.type === 'notice') all.set(line.notice.id, { notice: line.notice, to: line.to, position: line.n, over: undefined })
    if (line.type === 'again') for (const id of line.ids) revive(all, id)
    if (line.type === 'over') for (const id of line.ids) end(all, id, line.why)
  }
  return all
}

/** What the person has seen they need not hear of once more. */
function revive(all: Map<string, KnownNotice>, id: string): void {
  const known = all.get(id)
  if (known?.over === 'settled') all.set(id, { ...known, over: undefined })
}

function end(all: Map<string, KnownNotice>, id: string, why: 'settled' | 'seen' | 'known'): void {
  const known = all.get(id)
  if (known !== undefined && known.over !== 'seen') all.set(id, { ...known, over: why === 'settled' ? 'settled' : 'seen' })
}
