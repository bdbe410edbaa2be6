import { Server } from '@modelcontextprotocol/server'
import { ownVersion } from '../../config/version.ts'
import { callTool, type Standing } from './tools/call-tool.ts'
import { listed } from './tools/listing.ts'
import { tools } from './tools/tools.ts'

/** One connection's, or one request's, view of orch. Tools come from the table; the library speaks the protocol in all its revisions. */
export function makeServer(standing: (server: Server) => Standing): Server {
  const server = new Server({ name: 'orch', version: ownVersion() }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS })
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(listed) }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const tool = tools.find(({ name }) => name === params.name)
    if (tool === undefined) return asResult({ text: `There is no tool called ${params.name}.`, isError: true })
    return asResult(await callTool(tool, params.arguments, { standing: standing(server), signal: mcpReq.signal }))
  })
  return server
}

const INSTRUCTIONS =
  'orch runs a team of Claude Code sessions in git worktrees. Tools answer as its commands do. `repository` names another project than the one you stand in. ' +
  'answer, approve, deny, merge, cleanup, discard, stop and undo are the word of the person: call them only for what the person has said.'

function asResult({ text, isError }: { text: string; isError: boolean }) {
  return { content: [{ type: 'text' as const, text }], ...(isError && { isError }) }
}
