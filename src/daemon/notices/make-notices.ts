import type { Home } from '../../config/home.ts'
import type { Config } from '../../config/options.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Notifier } from '../../ports/notifier.ts'
import type { FleetSources } from './fleet-seen.ts'
import { Messengers } from './messengers.ts'
import { NoticeBook } from './notice-book.ts'
import { NoticeSettings } from './notice-settings.ts'
import { Notices } from './notices.ts'

export interface NoticesOfHomeParts extends FleetSources {
  readonly home: Home
  readonly clock: Clock
  readonly notifiersFor: (config: Config) => readonly Notifier[]
  readonly newId: () => string
  readonly stableId: (text: string) => string
  readonly logError: (error: unknown) => void
}

/** What finds notices and what tells them, over one record. */
export function makeNotices(parts: NoticesOfHomeParts): { begin(): Promise<void>; close(): Promise<void> } {
  const { home, clock, roster, logError } = parts
  const book = new NoticeBook(home)
  const rootOf = (project: string): string | undefined => roster.statuses().find((task) => task.project === project)?.repository
  const settings = new NoticeSettings({ home, environment: process.env, rootOf, notifiersFor: parts.notifiersFor, logError })
  const notices = new Notices({ ...parts, book, route: (notice) => settings.route(notice) })
  const messengers = new Messengers(book, (channel) => ({
    channel,
    book,
    clock,
    notifier: () => settings.notifier(channel),
    quietUntil: (now) => settings.quietUntil(now),
    newKey: () => `msg_${parts.newId()}`,
    chance: Math.random,
    logError,
  }))
  notices.onRecorded = () => messengers.wake()
  return {
    begin: async () => {
      await notices.begin()
      messengers.wake()
    },
    close: async () => {
      await notices.close()
      await messengers.close()
    },
  }
}
