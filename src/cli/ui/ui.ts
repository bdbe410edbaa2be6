import { canShowScreen } from '../../tui/terminal/can-show-screen.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, type Invocation } from '../invocation.ts'

/** The live board; where there is no terminal, the page of `orch monitor` once. A terminal that cannot move its cursor gets lines. */
export const ui: Command = async (context, invocation) => {
  const terminal = { stdin: process.stdin, stdout: context.output.answers.stream, isColored: context.output.answers.isColored }
  const isTerminal = terminal.stdin.isTTY && terminal.stdout.isTTY
  const isScreen = canShowScreen(terminal, context.environment)
  if (flag(invocation, 'plain') || (isTerminal && !isScreen)) return showLines(context, invocation)
  if (!isScreen) return printPage(context, invocation)
  const [{ Board }, { runScreen }, { TerminalPage }, { LiveFeed }, { makeBoardDesk }, { openDrafts }, { shownHere }] = await Promise.all([
    import('../../tui/board/board.ts'),
    import('../../tui/terminal/run-screen.ts'),
    import('../../tui/terminal/terminal-page.ts'),
    import('./live-feed.ts'),
    import('./desk.ts'),
    import('./kept-drafts.ts'),
    import('./shown-here.ts'),
  ])
  const page = new TerminalPage(terminal)
  const feed = new LiveFeed(context, shownHere(context, invocation))
  const board = new Board(makeBoardDesk(context, feed, page), openDrafts(context.home))
  const signals = heard(page)
  const shown = runScreen(board, page, signals)
  feed.start()
  // What the first frame does not need is loaded behind it.
  void (await import('../foreign/watch-foreign.ts')).watchForeign(context, flag(invocation, 'all'), feed)
  await (await import('../notify/terminal-notices.ts')).withTerminalNotices(context, () => shown)
  board.end()
  feed.close()
  return exitCode(signals, board.isInterrupted)
}

function exitCode({ aborted, reason }: AbortSignal, isInterrupted: boolean): number {
  if (aborted) return reason === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
  return isInterrupted ? EXIT.interrupted : EXIT.done
}

async function showLines(context: Context, invocation: Invocation): Promise<number> {
  const [{ LineTerminal, runPlain }, { shownHere }, { withTerminalNotices }] = await Promise.all([
    import('./plain.ts'),
    import('./shown-here.ts'),
    import('../notify/terminal-notices.ts'),
  ])
  const terminal = new LineTerminal(process.stdin)
  const signals = heard(terminal)
  await withTerminalNotices(context, () => runPlain(context, shownHere(context, invocation), terminal, signals))
  return exitCode(signals, false)
}

async function printPage(context: Context, invocation: Invocation): Promise<number> {
  const { monitor } = await import('../reading/monitor.ts')
  const code = await monitor(context, invocation)
  context.output.note('orch: the live board needs a terminal; this is `orch monitor`, which --watch keeps up to date. Or: orch ui --plain')
  return code
}

/** Ctrl-C belongs to whoever has the terminal: while it is handed over, not to us. */
function heard(page: { readonly isHandedOver: boolean }): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (name !== 'SIGINT' || !page.isHandedOver) controller.abort(name)
    })
  return controller.signal
}
