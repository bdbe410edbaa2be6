import { release } from 'node:os'
import { messageWords } from '../../domain/notices/delivery/message-words.ts'
import { runCommand } from '../../platform/run-command.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { type Desktop, desktopArgv, programOf } from './desktop-programs.ts'
import { requireTold } from './failures.ts'

export interface DesktopOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly desktop?: Desktop
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000

/** Shows each message where the person works: by the program that comes with their system. Its text reaches no shell and no script as code. */
export function desktopNotifier({ environment, desktop = ownDesktop(), timeoutMs = TIMEOUT_MS }: DesktopOptions): Notifier {
  return {
    channel: 'desktop',
    program: programOf(desktop),
    tell: async ({ notices }, signal) => {
      const argv = desktopArgv(desktop, messageWords(notices))
      const { ifMissing } = programOf(desktop)
      const result = await runCommand({ argv, cwd: '/', environment, timeoutMs, signal, maxOutputBytes: 4096 })
      requireTold(argv[0] ?? '', result, ifMissing)
    },
  }
}

/** Linux inside of Windows shows what it has to show there. */
function ownDesktop(): Desktop {
  if (process.platform === 'darwin') return 'macos'
  return process.platform === 'win32' || /microsoft/i.test(release()) ? 'windows' : 'linux'
}
