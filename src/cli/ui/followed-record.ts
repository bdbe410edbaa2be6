import type { LogResponse } from '../../protocol/responses.ts'
import type { Preview } from '../../tui/board/desk.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'

/** What a preview begins with, in characters: more than the largest terminal shows. */
const TAIL_CHARACTERS = 60_000
const MOST_LINES = 500

export interface FollowedRecord {
  readonly handle: string
  /** There may be more. */
  read(): void
  close(): void
}

/** The end of a session's record, read by one request at a time. */
export function followRecord(context: Context, handle: string, listener: (preview: Preview) => void): FollowedRecord {
  const stop = new AbortController()
  let [record, after] = ['', 0]
  let preview: Preview = { lines: [], isCut: false }
  let wanted: 'nothing' | 'more' = 'nothing'
  let isReading = false
  async function readOn(): Promise<void> {
    while (wanted === 'more' && !stop.signal.aborted) {
      wanted = 'nothing'
      const response = await ask<LogResponse>(context, { method: 'GET', path: pathOf(), signal: stop.signal }, '')
      if (stop.signal.aborted) return
      take(response)
    }
  }
  function pathOf(): string {
    const query = { cwd: context.cwd, name: handle, record, after: String(after), tail: String(TAIL_CHARACTERS) }
    return `/v1/tasks/log?${new URLSearchParams(query).toString()}`
  }
  function take(response: LogResponse): void {
    const isNew = response.record !== record
    ;({ record, next: after } = response)
    if (response.hasMore) wanted = 'more'
    if (response.lines.length === 0 && !isNew) return
    // The next process of the same conversation goes on below, unless what stands between them was not read.
    const isGap = isNew && response.isCut === true
    const lines = isGap ? response.lines : [...preview.lines, ...response.lines]
    const isCut = isGap || preview.isCut
    preview = { lines: lines.slice(-MOST_LINES), isCut: isCut || lines.length > MOST_LINES }
    listener(preview)
  }
  return {
    handle,
    read: () => {
      wanted = 'more'
      if (isReading) return
      isReading = true
      // What goes wrong here goes wrong with the stream of events too, which says so and asks again.
      void readOn()
        .catch(() => undefined)
        .finally(() => (isReading = false))
    },
    close: () => stop.abort(),
  }
}
