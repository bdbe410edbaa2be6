import type { FSWatcher } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Notice } from '../../domain/notices/notice.ts'
import { noticeChanges } from '../../domain/notices/notice-changes.ts'
import type { NoticeFact } from '../../domain/notices/notice-record.ts'
import { liftedNotice, standingNotices } from '../../domain/notices/standing-notices.ts'
import { Turns } from '../../foundation/turns.ts'
import { type Home, seenFolder } from '../../config/home.ts'
import type { Clock } from '../../platform/clock.ts'
import { watchFolder } from '../../platform/detached/shared-ticks.ts'
import { type FleetSources, fleetSeen, isNoticeable, noticeable } from './fleet-seen.ts'
import type { NoticeBook } from './notice-book.ts'

export interface NoticesParts extends FleetSources {
  readonly home: Home
  readonly clock: Clock
  readonly book: NoticeBook
  readonly stableId: (text: string) => string
  /** Who tells it. */
  readonly route: (notice: Notice) => Promise<{ readonly to: readonly string[]; readonly isLoud: boolean }>
  readonly logError: (error: unknown) => void
}

const COMPACT_ABOVE_LINES = 4000

/**
 * Finds what there is to tell the person, and puts it on record. It compares how things stand with what is on record, so what happened
 * while no daemon lived is found by the next, and what was found is not found again.
 */
export class Notices {
  readonly #parts: NoticesParts
  readonly #turns = new Turns()
  readonly #last = new Map<string, string>()
  readonly #leave: (() => void)[] = []
  #watcher: FSWatcher | undefined
  #isDue = false
  /** Called after each change of the record. */
  onRecorded: () => void = () => {}

  constructor(parts: NoticesParts) {
    this.#parts = parts
  }

  /** When every run and every session has said where it stands. */
  async begin(): Promise<void> {
    const { home, book, roster, board } = this.#parts
    if ((await book.load()) === 'new') await book.write([{ type: 'silent', ids: this.#standing().map(({ id }) => id) }])
    this.#leave.push(
      roster.onChange((status) => {
        const now = noticeable(status)
        if (this.#last.get(status.handle) === now) return
        this.#last.set(status.handle, now)
        this.#lookSoon()
      }),
      board.onMessage((message) => {
        if (isNoticeable(message)) this.#lookSoon()
      }),
    )
    this.#watcher = watchFolder(seenFolder(home), () => void this.takeSeen().catch(this.#parts.logError))
    await this.takeSeen()
    await this.look()
  }

  /** What clients say that the person has seen. */
  takeSeen(): Promise<void> {
    return this.#turns.take(async () => {
      const folder = seenFolder(this.#parts.home)
      const names = await readdir(folder)
      const { notices } = this.#parts.book.known
      const ids = names.filter((name) => notices.has(name) && notices.get(name)?.over !== 'seen')
      await this.#record(ids.length === 0 ? [] : [{ type: 'over', ids, why: 'seen' }])
      for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
    })
  }

  look(): Promise<void> {
    return this.#turns.take(async () => {
      this.#isDue = false
      const { book, clock } = this.#parts
      const standing = this.#standing()
      const { fresh, again, settled } = noticeChanges(book.known, standing, clock.now())
      const lifted = settled.flatMap((id) => this.#lifted(id))
      await this.#record([
        ...(settled.length > 0 ? [{ type: 'over', ids: settled, why: 'settled' } as const] : []),
        ...(again.length > 0 ? [{ type: 'again', ids: again } as const] : []),
        ...(await Promise.all([...fresh, ...lifted].map((notice) => this.#noticed(notice)))),
      ])
      if (book.lines.length > COMPACT_ABOVE_LINES) await book.compact(new Set(standing.map(({ id }) => id)))
    })
  }

  async close(): Promise<void> {
    this.#watcher?.close()
    for (const leave of this.#leave) leave()
    await this.#turns.take(async () => {})
  }

  /** Many changes at once are one look. */
  #lookSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    void this.look().catch(this.#parts.logError)
  }

  #standing(): readonly Notice[] {
    const limit = [...this.#parts.book.known.notices.values()].findLast(({ notice, over }) => notice.kind === 'limit' && over === undefined)
    return standingNotices({ ...fleetSeen(this.#parts), limit: limit?.notice.id }, this.#parts.stableId)
  }

  #lifted(id: string): readonly Notice[] {
    const { book, clock, stableId } = this.#parts
    return book.known.notices.get(id)?.notice.kind === 'limit' ? [liftedNotice(id, clock.now(), stableId)] : []
  }

  async #noticed(notice: Notice): Promise<NoticeFact> {
    const { to, isLoud } = await this.#parts.route(notice)
    return { type: 'notice', notice, to, ...(isLoud && { isLoud }), at: this.#parts.clock.now() }
  }

  async #record(facts: readonly NoticeFact[]): Promise<void> {
    if (facts.length === 0) return
    await this.#parts.book.write(facts)
    this.onRecorded()
  }
}
