import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'

/** The same command in a window of the tmux that we are in. */
export async function openWindow(context: Context, name: string | undefined, isNow: boolean): Promise<number> {
  if ((context.environment['TMUX'] ?? '') === '')
    throw new Failure('no-tmux', 'This is not inside tmux.', {
      safe: 'nothing was changed.',
      next: 'start tmux first, or leave --tmux out to attach in this terminal',
    })
  const argv = [
    process.execPath,
    process.argv[1] ?? 'orch',
    'attach',
    ...(isNow ? ['--now'] : []),
    '--',
    ...(name === undefined ? [] : [name]),
  ]
  const called = await openTmuxWindow(
    context.environment,
    { name: name ?? 'attach', folder: context.cwd, variables: [`ORCH_HOME=${context.home}`], argv },
    { safe: 'nothing was changed.', next: 'leave --tmux out' },
  )
  context.output.answer(`${plainLine(name ?? context.cwd)}: attached in the tmux window ${called}`)
  return EXIT.done
}

export interface TmuxWindow {
  readonly name: string
  readonly folder: string
  readonly variables?: readonly string[]
  /** Run as it is, without a shell. */
  readonly argv: readonly string[]
}

/**
 * The name that the window got. In a name and a folder that it is told, tmux expands formats, and runs what stands in `#(…)`: so the name has none, and
 * the folder is the one in which tmux is asked. Failure `tmux-failed`.
 */
export async function openTmuxWindow(
  environment: Context['environment'],
  { name, folder, variables = [], argv }: TmuxWindow,
  otherwise: { readonly safe: string; readonly next: string },
): Promise<string> {
  // A dot and a colon part the names of windows.
  const called = plainLine(name).replace(/[.:#]/g, '-')
  const words = ['new-window', '-n', called, ...variables.flatMap((variable) => ['-e', variable]), '--', ...argv]
  try {
    const asked = promisify(execFile)('tmux', words, { cwd: folder, env: { ...environment } })
    asked.child.stdin?.end()
    await asked
  } catch (cause) {
    throw new Failure('tmux-failed', 'tmux opened no window.', { cause, ...otherwise })
  }
  return called
}
