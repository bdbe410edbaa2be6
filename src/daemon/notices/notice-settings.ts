import type { Notice } from '../../domain/notices/notice.ts'
import { parseQuietHours, quietUntil } from '../../domain/notices/delivery/quiet-hours.ts'
import { routeOf } from '../../domain/notices/rules.ts'
import type { Home } from '../../config/home.ts'
import { loadConfig } from '../../config/load-config.ts'
import { type Config, defaultConfig } from '../../config/options.ts'
import { minuteOfDay } from '../../platform/clock.ts'
import type { Notifier } from '../../ports/notifier.ts'

export interface NoticeSettingsParts {
  readonly home: Home
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Root of a project's repository. */
  readonly rootOf: (project: string) => string | undefined
  readonly notifiersFor: (config: Config) => readonly Notifier[]
  readonly logError: (error: unknown) => void
}

/** How the person wants to be told. Read when there is something to tell, so that a change counts from the next notice on. */
export class NoticeSettings {
  readonly #parts: NoticeSettingsParts

  constructor(parts: NoticeSettingsParts) {
    this.#parts = parts
  }

  /** By the repository's rules where it has some. */
  async route(notice: Notice): Promise<{ readonly to: readonly string[]; readonly isLoud: boolean }> {
    const config = await this.#load(notice.project)
    const terminal = config.notifyChannels.includes('terminal') ? ['terminal'] : []
    const channels = [...this.#parts.notifiersFor(config).map(({ channel }) => channel), ...terminal]
    return routeOf(notice, config.notifyRules, channels)
  }

  async notifier(channel: string): Promise<Notifier | undefined> {
    return this.#parts.notifiersFor(await this.#load(undefined)).find((one) => one.channel === channel)
  }

  async quietUntil(now: number): Promise<number | undefined> {
    const { quietHours } = await this.#load(undefined)
    const hours = quietHours === undefined ? undefined : parseQuietHours(quietHours)
    return hours === undefined ? undefined : quietUntil(hours, now, minuteOfDay)
  }

  /** Settings that cannot be read keep nobody from being told. */
  async #load(project: string | undefined): Promise<Config> {
    const { home, environment, rootOf, logError } = this.#parts
    const root = project === undefined ? undefined : rootOf(project)
    try {
      return (await loadConfig({ home: home.root, environment, ...(root !== undefined && { root }) })).config
    } catch (error) {
      logError(error)
      return root === undefined ? defaultConfig() : this.#load(undefined)
    }
  }
}
