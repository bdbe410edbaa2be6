import { deliveriesOf } from './deliveries.ts'
import type { NoticeLine } from '../notice-record.ts'

export interface ChannelTrouble {
  readonly channel: string
  readonly reason: string
  /** Epoch milliseconds of the next try; undefined: given up. */
  readonly againAt: number | undefined
}

/** Channels whose newest message was not taken. */
export function channelTroubles(lines: readonly NoticeLine[]): readonly ChannelTrouble[] {
  const channels = new Set(lines.flatMap((line) => ('channel' in line ? [line.channel] : [])))
  return [...channels].flatMap((channel) => {
    const last = lines.findLast(
      (line) => 'channel' in line && line.channel === channel && line.type !== 'sending' && line.type !== 'dropped',
    )
    if (last?.type !== 'retry' && last?.type !== 'given-up') return []
    const { open } = deliveriesOf(lines, channel)
    return [{ channel, reason: last.reason, againAt: last.type === 'retry' ? open?.notBefore : undefined }]
  })
}
