import { Server, type ServerContext } from '@modelcontextprotocol/server'
import { callTool, type Site, type ToolAnswer } from './tools/call-tool.ts'
import { listed } from './tools/listing.ts'
import { tools } from './tools/tools.ts'

export interface Service {
  site(server: Server): Site
  /** The version that is running, and that on the disk now. */
  readonly running: string
  readonly versionNow: () => string
  /** Called after an answer, when those are two: what is loaded from now on would be of the other. */
  readonly onReplaced: () => void
}

/** One connection's, or one request's, view of orch. Tools come from the table; the library speaks the protocol in all its revisions. */
export function makeServer(service: Service): Server {
  const server = new Server({ name: 'orch', version: service.running }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS })
  const site = service.site(server)
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(listed) }))
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const found = service.versionNow()
    if (found !== service.running) {
      setImmediate(service.onReplaced)
      return asResult(replaced(service.running, found))
    }
    const tool = tools.find(({ name }) => name === params.name)
    if (tool === undefined) return asResult({ text: `There is no tool called ${params.name}.`, isError: true })
    return asResult(await callTool(tool, params.arguments, { site, signal: context.mcpReq.signal, onNote: teller(context) }))
  })
  return server
}

const INSTRUCTIONS =
  'orch runs a team of Claude Code sessions in git worktrees. Tools answer as its commands do. `repository` names another project of orch than the one you ' +
  'stand in. answer, approve, deny, merge, cleanup, discard, stop and undo are the word of the person: call them only for what the person has said. ' +
  'A call that is cancelled ends the waiting, not the work.'

/** Tells a client that wants to know how far it is what a long one says on its way. */
function teller({ mcpReq }: ServerContext): (line: string) => void {
  const progressToken = mcpReq._meta?.progressToken
  let progress = 0
  return (line) => {
    progress += 1
    if (progressToken === undefined || mcpReq.signal.aborted) return
    // A client that has gone needs no news.
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message: line } }).catch(() => undefined)
  }
}

function replaced(running: string, found: string): ToolAnswer {
  return {
    text: `orch: It is version ${found} now, and this server is ${running}.\nKept safe: nothing was done.\nNext: the same call again, once the server has been started again`,
    isError: true,
  }
}

function asResult({ text, isError }: ToolAnswer) {
  return { content: [{ type: 'text' as const, text }], ...(isError && { isError }) }
}
