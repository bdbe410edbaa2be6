import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Context } from '../context.ts'
import { makeServer } from './server.ts'

/** Standard output belongs to the protocol: whatever else is said goes to standard error. Ends when the client closes its side. */
export async function serveStandardStreams(context: Context): Promise<void> {
  const closed = new Promise<void>((resolve) => process.stdin.once('close', resolve))
  const service = serveStdio(() => makeServer(() => () => Promise.resolve(context)))
  await closed
  await service.close()
}
