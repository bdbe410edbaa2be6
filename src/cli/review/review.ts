import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import type { Invocation } from '../invocation.ts'
import { finishedWork } from './finished.ts'

/** With a flag that says what to do, for scripts; else screens, or where there is no terminal the list. */
export async function review(context: Context, invocation: Invocation): Promise<number> {
  const given = ACTS.filter((name) => invocation.options[name] !== undefined)
  if (given.length > 1) throw usageFailure(`Give one of ${given.map((name) => `--${dashed(name)}`).join(', ')}.`)
  const [act] = given
  switch (act) {
    case 'merge':
    case 'sendBack':
    case 'discard':
    case 'skip':
      return (await import('./judge.ts')).judge[act](context, invocation)
    case 'testAll':
      return (await import('./test-all.ts')).testAll(context, invocation)
    default:
      return look(context, invocation)
  }
}

const ACTS = ['list', 'merge', 'sendBack', 'discard', 'skip', 'testAll'] as const

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

async function look(context: Context, invocation: Invocation): Promise<number> {
  const terminal = { stdin: process.stdin, stdout: context.output.answers.stream, isColored: context.output.answers.isColored }
  const wantsList = invocation.options['list'] === true || invocation.options['json'] === true
  const { listReview } = await import('./list.ts')
  if (wantsList) return listReview(context, invocation)
  const items = finishedWork(context, invocation.words)
  if (items.length === 0) return listReview(context, invocation)
  const { canShowScreen } = await import('../../tui/terminal/can-show-screen.ts')
  if (!canShowScreen(terminal, context.environment)) return listReview(context, invocation)
  return showScreens(context, items, terminal)
}

/** What draws is loaded only here. */
async function showScreens(
  context: Context,
  items: ReturnType<typeof finishedWork>,
  terminal: { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; isColored: boolean },
): Promise<number> {
  const [{ Review }, { runScreen }, { TerminalPage }, { makeDesk }] = await Promise.all([
    import('../../tui/review/review.ts'),
    import('../../tui/terminal/run-screen.ts'),
    import('../../tui/terminal/terminal-page.ts'),
    import('./desk.ts'),
  ])
  const interruption = context.interruption()
  // Narration would be written into the screen, which says itself what is being done.
  const screen = new Review(items, makeDesk({ ...context, output: { ...context.output, note: () => {} } }))
  await runScreen(screen, new TerminalPage(terminal), interruption)
  for (const { outcome } of screen.sittings) for (const line of outcome) context.output.answer(plainBlock(line))
  if (interruption.aborted) return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  return screen.isInterrupted ? EXIT.interrupted : EXIT.done
}
