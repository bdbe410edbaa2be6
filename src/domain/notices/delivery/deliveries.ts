import type { NoticeLine } from '../notice-record.ts'

/** What one channel has told, and what it was asked to. */
export interface ChannelRecord {
  /** By id of the notice: when. Also what was given up. */
  readonly told: ReadonlyMap<string, number>
  /** Epoch milliseconds of the newest message. */
  readonly lastAt: number | undefined
  /** Asked for, and nobody knows yet whether it was told. */
  readonly open: OpenMessage | undefined
}

export interface OpenMessage {
  readonly key: string
  readonly ids: readonly string[]
  readonly begunAt: number
  /** How often it has failed. */
  readonly failures: number
  /** Not tried again before. */
  readonly notBefore: number
}

export function deliveriesOf(lines: readonly NoticeLine[], channel: string): ChannelRecord {
  const told = new Map<string, number>()
  let lastAt: number | undefined
  let open: OpenMessage | undefined
  for (const line of lines) {
    if (!('channel' in line) || line.channel !== channel) continue
    if (line.type === 'sending' && open?.key !== line.key)
      open = { key: line.key, ids: line.ids, begunAt: line.at, failures: 0, notBefore: line.at }
    if (open?.key !== line.key) continue
    if (line.type === 'retry') open = { ...open, failures: open.failures + 1, notBefore: line.at }
    if (line.type !== 'sent' && line.type !== 'given-up' && line.type !== 'dropped') continue
    if (line.type !== 'dropped') for (const id of open.ids) told.set(id, line.at)
    if (line.type === 'sent') lastAt = line.at
    open = undefined
  }
  return { told, lastAt, open }
}
