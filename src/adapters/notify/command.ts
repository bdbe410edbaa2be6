import { messageWords } from '../../domain/notices/delivery/message-words.ts'
import { runCommand } from '../../platform/run-command.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { requireTold } from './failures.ts'

export interface CommandOptions {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 30_000

/** A program of the person's: one JSON object on its standard input, and the short of it in variables. It has taken the message when it ends with 0. */
export function commandNotifier({ argv, cwd, environment, timeoutMs = TIMEOUT_MS }: CommandOptions): Notifier {
  const ifMissing = 'orch config get notify.command'
  return {
    channel: 'command',
    program: { name: argv[0] ?? '', ifMissing },
    tell: async ({ key, notices }, signal) => {
      const words = messageWords(notices)
      const variables = {
        ORCH_NOTICE_ID: key,
        ORCH_NOTICE_TITLE: words.title,
        ORCH_NOTICE_URGENCY: words.urgency,
        ORCH_NOTICE_NEXT: words.next,
        ORCH_NOTICE_COUNT: String(notices.length),
      }
      const stdin = `${JSON.stringify({ schema: 1, id: key, ...words, notices })}\n`
      const result = await runCommand({
        argv,
        cwd,
        environment: { ...environment, ...variables },
        stdin,
        timeoutMs,
        signal,
        maxOutputBytes: 4096,
      })
      requireTold(argv[0] ?? '', result, ifMissing)
    },
  }
}
