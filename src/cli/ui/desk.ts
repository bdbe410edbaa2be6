import { spawn } from 'node:child_process'
import type { BoardDesk, Said } from '../../tui/board/desk.ts'
import type { TerminalPage } from '../../tui/terminal/terminal-page.ts'
import type { Context } from '../context.ts'
import { EXIT, renderError } from '../failures.ts'
import { runInside } from '../program/run-inside.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { markSeen, openNoticesOf } from '../tasks/notice-files.ts'
import { worktreeRoot } from '../worktree/worktree-root.ts'
import type { LiveFeed } from './live-feed.ts'
import { loadOutlook, loadQueue } from './outlook.ts'

/** What the screens of `orch ui` see and do. */
export function makeBoardDesk(context: Context, feed: LiveFeed, page: Pick<TerminalPage, 'handOver'>): BoardDesk {
  // Narration would be written into the screen, which says itself what is being done.
  const silent: Context = { ...context, cwd: personsFolder(context.cwd), output: { ...context.output, note: () => {} } }
  const inside = (repository: string | undefined): Context => (repository === undefined ? silent : { ...silent, cwd: repository })
  return {
    now: () => context.now(),
    follow: (listener) => feed.follow(listener),
    followSession: (handle, listener) => feed.followSession(handle, listener),
    look: (handle) => markSeen(context.home, openNoticesOf(context.home, handle)),
    // What goes on by itself (a merge, a wait) needs nobody who watches it.
    run: (argv, { repository, signal } = {}) => run(inside(repository), argv, unless(signal, feed.ended)),
    handOver: (argv) => page.handOver(() => runInTerminal(context, argv)),
    complete: async (words, repository) => (await import('../completion/complete.ts')).candidatesFor(inside(repository), words),
    changes: async (task) => (await import('../review/material.ts')).loadMaterial(silent, task),
    outlook: (task) => loadOutlook(silent, task),
    queue: (task, other) => loadQueue(silent, task, other && { ...other, signal: unless(other.signal, feed.ended) }),
    explain: (error) => renderError(error, '').split('\n'),
  }
}

/** In a task's worktree some commands are the word of whoever works there; here it is the person's. */
function personsFolder(cwd: string): string {
  return worktreeRoot(cwd) === undefined ? cwd : (repositoryOf(cwd) ?? cwd)
}

function unless(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}

async function run(context: Context, argv: readonly string[], signal: AbortSignal): Promise<Said> {
  const { exitCode, answers, notes } = await runInside(context, argv, { signal })
  return { isDone: exitCode === EXIT.done, lines: [...linesOf(answers), ...newsIn(notes)] }
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
    child.once('close', (code) => resolve({ isDone: code === EXIT.done, lines: newsIn(notes) }))
  })
}

const LONGEST_NOTES = 10_000

/** What was being done is no news once it is done. */
function newsIn(notes: string): readonly string[] {
  return linesOf(notes).filter((line) => !line.endsWith(' …'))
}

function linesOf(text: string): readonly string[] {
  const whole = text.trimEnd()
  return whole === '' ? [] : whole.split('\n')
}
