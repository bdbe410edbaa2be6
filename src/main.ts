import { join } from 'node:path'
import { commands } from './cli/command-table.ts'
import type { Context } from './cli/context.ts'
import { orchHome } from './cli/context.ts'
import { errorJson, exitCodeOf, renderError } from './cli/failures.ts'
import { openOutput } from './cli/output.ts'
import { runProgram } from './cli/program.ts'

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

/** Only commands that have something to say at the end ask for this; the others die of the signal, as any program. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort('SIGINT'))
  process.once('SIGTERM', () => controller.abort('SIGTERM'))
  return controller.signal
}
