import type { Command } from '../command-spec.ts'
import { EXIT } from '../failures.ts'

/** Serves until the client goes. */
export const mcp: Command = async (context) => {
  const { serveStandardStreams } = await import('./stdio.ts')
  await serveStandardStreams(context)
  return EXIT.done
}
