import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { ownVersion } from '../../config/version.ts'
import { plainLine } from '../../foundation/text.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { Context } from '../context.ts'
import { makeServer } from './server.ts'
import { folderOfClient, siteIn } from './site.ts'

const LARGEST_MESSAGE_BYTES = 1_000_000

/**
 * Standard output belongs to the protocol: whatever else is said goes to standard error. Ends when the client closes its side; a call that is at work then is
 * not answered any more, but what it began goes on.
 */
export async function serveStandardStreams(context: Context): Promise<void> {
  const closed = withResolvers()
  const running = ownVersion()
  const service = serveStdio(
    () =>
      makeServer({
        site: (server) => siteIn(context, folderOfClient(context, server)),
        running,
        versionNow: ownVersion,
        onReplaced: () => void service.close(),
      }),
    {
      transport: new OwnStreams(closed.resolve),
      onerror: (error) => context.output.note(`orch mcp: ${plainLine(error.message)}`),
    },
  )
  await closed.promise
  // The client may hold its side open.
  process.stdin.destroy()
}

class OwnStreams extends StdioServerTransport {
  readonly #closed: () => void

  constructor(closed: () => void) {
    super(process.stdin, process.stdout, { maxBufferSize: LARGEST_MESSAGE_BYTES })
    this.#closed = closed
  }

  override async close(): Promise<void> {
    await super.close()
    this.#closed()
  }
}
