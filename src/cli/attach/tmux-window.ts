import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'

/** The same command in a window of the tmux that we are in. tmux runs a list of arguments as it is, without a shell. */
export async function openWindow(context: Context, name: string | undefined, isNow: boolean): Promise<number> {
  if ((context.environment['TMUX'] ?? '') === '')
    throw new Failure('no-tmux', 'This is not inside tmux.', {
      safe: 'nothing was changed.',
      next: 'start tmux first, or leave --tmux out to attach in this terminal',
    })
  const called = plainLine(name ?? 'attach').replace(/[.:]/g, '-')
  const command = [
    process.execPath,
    process.argv[1] ?? 'orch',
    'attach',
    ...(isNow ? ['--now'] : []),
    '--',
    ...(name === undefined ? [] : [name]),
  ]
  try {
    await promisify(execFile)('tmux', ['new-window', '-n', called, '-c', context.cwd, '-e', `ORCH_HOME=${context.home}`, '--', ...command])
  } catch (cause) {
    throw new Failure('tmux-failed', 'tmux opened no window.', { cause, safe: 'nothing was changed.', next: 'leave --tmux out' })
  }
  context.output.answer(`${plainLine(name ?? context.cwd)}: attached in the tmux window ${called}`)
  return EXIT.done
}
