import type { TerminalSignal } from '../../domain/notices/channels.ts'
import { type Notice, SAME_THING_MS, thingOf } from '../../domain/notices/notice.ts'
import { parseQuietHours, type QuietHours, quietUntil } from '../../domain/notices/delivery/quiet-hours.ts'
import { loadConfig } from '../../config/load-config.ts'
import { type Config, defaultConfig } from '../../config/options.ts'
import { minuteOfDay } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { followNotices, loadNotices, type ShownNotice } from '../tasks/notice-files.ts'
import { terminalSignal } from './terminal-signal.ts'

/** While the work goes on, its terminal tells of what comes. */
export async function withTerminalNotices<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const { answers, narration } = context.output
  const terminal = [answers, narration].find(({ isTerminal }) => isTerminal)
  // Nobody's work fails for want of a bell.
  if (terminal !== undefined) void ring(context, (text) => void terminal.stream.write(text), over.signal).catch(() => undefined)
  try {
    return await work()
  } finally {
    over.abort()
  }
}

/** Writes to a terminal what makes it tell of each notice that comes, as the person's settings have it, until the signal. */
export async function ring(context: Context, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  // Before anything is waited for: what comes from now on is told.
  const { position } = loadNotices(context.home)
  const { notifyChannels, notifyTerminal, quietHours } = await loadSettings(context)
  if (!notifyChannels.includes('terminal')) return
  const bells = new Bells(context, notifyTerminal, quietHours === undefined ? undefined : parseQuietHours(quietHours))
  for await (const { notices } of followNotices(context.home, { after: position, signal })) {
    const due = notices.filter((notice) => bells.isDue(notice))
    if (due.length > 0) write(bells.ring(due))
  }
}

/** What has rung in this terminal. */
class Bells {
  readonly #context: Context
  readonly #signal: TerminalSignal
  readonly #quiet: QuietHours | undefined
  readonly #rung = new Set<string>()
  readonly #lastOf = new Map<string, number>()

  constructor(context: Context, signal: TerminalSignal, quiet: QuietHours | undefined) {
    this.#context = context
    this.#signal = signal
    this.#quiet = quiet
  }

  isDue(notice: ShownNotice): boolean {
    const now = this.#context.now()
    const isQuiet = this.#quiet !== undefined && quietUntil(this.#quiet, now, minuteOfDay) !== undefined
    const last = this.#lastOf.get(thingOf(notice))
    return (
      !notice.isOver &&
      notice.channels.includes('terminal') &&
      !this.#rung.has(notice.id) &&
      (notice.isLoud || !isQuiet) &&
      (last === undefined || now - last >= SAME_THING_MS)
    )
  }

  ring(notices: readonly Notice[]): string {
    for (const notice of notices) {
      this.#rung.add(notice.id)
      this.#lastOf.set(thingOf(notice), this.#context.now())
    }
    return terminalSignal(notices, this.#signal, this.#context.environment)
  }
}

async function loadSettings({ home, environment }: Context): Promise<Config> {
  return loadConfig({ home, environment }).then(
    ({ config }) => config,
    () => defaultConfig(),
  )
}
