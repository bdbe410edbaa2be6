import { mcpFiles } from '../../config/home.ts'
import { shellWord } from '../../foundation/shell.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Address } from './http/shared-server.ts'

/** Claude Code puts its own environment in for these: in a session of orch it is the name of the session, which is not the person. */
const HEADERS = { 'Orch-Repository': '${PWD}', 'Orch-Client': '${ORCH_SESSION:-person}' }

/** Serves until the client goes; shared, until it is ended. */
export const mcp: Command = async (context, invocation) => {
  if (!flag(invocation, 'http')) {
    if (flag(invocation, 'json')) throw usageFailure('Without --http there is no address to print.', 'orch mcp --http --json')
    if (process.stdin.isTTY)
      context.output.note('orch: this speaks with a program, which starts it by itself: claude mcp add orch -- orch mcp')
    const { serveStandardStreams } = await import('./stdio.ts')
    await serveStandardStreams(context)
    return EXIT.done
  }
  const { serveShared } = await import('./http/shared-server.ts')
  await serveShared(context, (address, isNew) =>
    flag(invocation, 'json') ? context.output.json(asJson(address, isNew)) : context.output.answer(inWords(context, address, isNew)),
  )
  return EXIT.done
}

function asJson({ url, pid, token }: Address, isNew: boolean) {
  const headers = { Authorization: `Bearer ${token}`, ...HEADERS }
  return { schema: 1, url, pid, isNew, config: { mcpServers: { orch: { type: 'http', url, headers } } } }
}

/** The token is read where the line is typed, and is not shown. */
function inWords({ home }: Context, { url, pid }: Address, isNew: boolean): string {
  const token = `$(tr -d '"' < ${shellWord(mcpFiles({ root: home }).token)})`
  const headers = [`"Authorization: Bearer ${token}"`, ...Object.entries(HEADERS).map(([name, value]) => shellWord(`${name}: ${value}`))]
  return [
    isNew ? `Serving tools at ${url} until Ctrl-C or SIGTERM.` : `Tools are served already at ${url}, by process ${pid}.`,
    'For Claude Code, in all your projects:',
    `  claude mcp add --scope user --transport http orch ${url} ${headers.map((header) => `--header ${header}`).join(' ')}`,
    'For other clients: orch mcp --http --json',
  ].join('\n')
}
