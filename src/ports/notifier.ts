import type { Notice } from '../domain/notices/notice.ts'

/** One way to reach a person: the desktop, a web hook, a command of theirs. */
export interface Notifier {
  /** As the configuration calls it: `desktop`, `webhook:<n>`, …. */
  readonly channel: string
  /** What it runs, and what to do where that is not there; absent where it runs nothing. */
  readonly program?: { readonly name: string; readonly ifMissing: string }
  /**
   * Tells them of these notices in one message. `key` is the same when the same message is tried again, and goes with it where the channel can carry it.
   * Throws a Failure: `notify-later` where another try may help, `notify-refused` where none will.
   */
  tell(message: { readonly key: string; readonly notices: readonly Notice[] }, signal: AbortSignal): Promise<void>
}
