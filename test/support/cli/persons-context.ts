import type { Context } from '../../../src/cli/context.ts'
import { openOutput } from '../../../src/cli/output.ts'
import { temporaryFolder } from '../temporary.ts'

/** A person's context, in a folder of its own. */
export function personsContext(more: Partial<Context> = {}): Context {
  const home = more.home ?? temporaryFolder()
  return {
    cwd: home,
    environment: {},
    home,
    output: openOutput(process.stdout, process.stderr, {}, []),
    now: () => 0,
    interruption: () => new AbortController().signal,
    services: () => Promise.reject(new Error('not needed')),
    ...more,
  }
}
