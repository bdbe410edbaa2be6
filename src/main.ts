import { join } from 'node:path'
import { commands } from './cli/command-table.ts'
import type { Context } from './cli/context.ts'
import { orchHome } from './cli/context.ts'
import { errorJson, EXIT, exitCodeOf, renderError } from './cli/failures.ts'
import { openOutput } from './cli/output.ts'
import { runProgram } from './cli/program/program.ts'

const argv = process.argv.slice(2)
const home = orchHome(process.env)
const output = openOutput(process.stdout, process.stderr, process.env, argv)
const context: Context = {
  cwd: process.cwd(),
  environment: process.env,
  home,
  output,
  now: () => Date.now(),
  interruption,
  services: async () => (await import('./compose.ts')).localServices(),
}

process.exitCode = await exitCode()

async function exitCode(): Promise<number> {
  try {
    return await runProgram(context, commands, argv)
  } catch (error) {
    const logPath = join(home, 'daemon.log')
    output.note(renderError(error, logPath))
    if (argv.includes('--json')) output.json(errorJson(error, logPath))
    if (process.env['ORCH_DEBUG'] !== undefined && error instanceof Error) output.note(error.stack ?? '')
    return exitCodeOf(error)
  }
}

/**
 * Only commands that have something to say at the end ask for this; the others die of the signal, as any program. The listeners stay: a
 * library that restores the cursor ends the process when nobody else listens any more. A second signal is for a command that takes too long.
 */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () =>
      controller.signal.aborted ? process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated) : controller.abort(signal),
    )
  return controller.signal
}
