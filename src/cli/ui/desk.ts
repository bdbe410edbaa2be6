import { spawn } from 'node:child_process'
import type { BoardDesk, Said } from '../../tui/board/desk.ts'
import type { TerminalPage } from '../../tui/terminal/terminal-page.ts'
import type { Context } from '../context.ts'
import { EXIT, renderError } from '../failures.ts'
import { runInside } from '../program/run-inside.ts'
import type { LiveFeed } from './live-feed.ts'

/** What the screens of `orch ui` see and do. */
export function makeBoardDesk(context: Context, feed: LiveFeed, page: TerminalPage): BoardDesk {
  return {
    now: () => context.now(),
    follow: (listener) => feed.follow(listener),
    followSession: (handle, listener) => feed.followSession(handle, listener),
    run: async (argv, { repository, signal } = {}) => {
      const inside = repository === undefined ? context : { ...context, cwd: repository }
      const { exitCode, answers, notes } = await runInside(inside, argv, { ...(signal && { signal }) })
      return { isDone: exitCode === EXIT.done, lines: linesOf(answers + notes) }
    },
    handOver: (argv) => page.handOver(() => runInTerminal(context, argv)),
    complete: () => Promise.resolve([]),
    changes: () => Promise.reject(new Error('not yet')),
    outlook: () => Promise.reject(new Error('not yet')),
    queue: () => Promise.reject(new Error('not yet')),
    explain: (error) => renderError(error, '').split('\n'),
  }
}

/** A command of orch with the terminal for itself; what it says on stderr is also kept, because the screen comes back over it. */
function runInTerminal({ cwd }: Context, argv: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const program = process.argv[1] ?? ''
    const child = spawn(process.execPath, [program, ...argv], { cwd, stdio: ['inherit', 'inherit', 'pipe'] })
    let notes = ''
    child.stderr.on('data', (bytes: Buffer) => {
      process.stderr.write(bytes)
      notes = (notes + bytes.toString('utf8')).slice(-LONGEST_NOTES)
    })
    child.once('error', (error) => resolve({ isDone: false, lines: [error.message] }))
    child.once('close', (code) => resolve({ isDone: code === EXIT.done, lines: linesOf(notes) }))
  })
}

const LONGEST_NOTES = 10_000

function linesOf(text: string): readonly string[] {
  const whole = text.trimEnd()
  return whole === '' ? [] : whole.split('\n')
}
