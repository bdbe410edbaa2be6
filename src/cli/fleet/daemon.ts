import type { DaemonStatus } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { isBroken, requireDaemon } from '../daemon-client/client.ts'
import { untilGone } from '../daemon-client/daemon-start.ts'
import { isAlive, loadEndpoint } from '../daemon-client/endpoint.ts'
import { exchange } from '../daemon-client/exchange.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { narrated } from '../output.ts'

export async function daemonStart(context: Context, invocation: Invocation): Promise<number> {
  if (flag(invocation, 'dryRun'))
    return say(context, invocation, (await running(context)) === undefined ? 'would start the daemon' : 'it runs already')
  const { pid, port } = await narrated(context.output, 'starting the daemon', requireDaemon(context))
  return say(context, invocation, `the daemon runs: process ${pid}, port ${port}`)
}

export async function daemonStop(context: Context, invocation: Invocation): Promise<number> {
  const endpoint = loadEndpoint(context.home)
  if (endpoint === undefined || (await running(context)) === undefined) return say(context, invocation, 'the daemon was not running')
  if (flag(invocation, 'dryRun')) return say(context, invocation, 'would stop the daemon; sessions live on')
  await exchange(endpoint, { method: 'POST', path: '/v1/daemon/stop', body: {} })
  await narrated(context.output, 'waiting for the daemon to end', untilGone(context.home, endpoint))
  return say(context, invocation, 'the daemon has stopped; sessions live on')
}

export async function daemonStatus(context: Context, invocation: Invocation): Promise<number> {
  const status = await running(context)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, isRunning: status !== undefined, ...status })
  else if (status === undefined) context.output.answer('the daemon is not running; the next command that needs it starts it')
  else
    context.output.answer(
      `the daemon runs: process ${status.pid}, port ${status.port}, version ${status.version}, ${status.liveSessions} live session${status.liveSessions === 1 ? '' : 's'}, ${Math.round(status.rssBytes / 1_048_576)} MB`,
    )
  if (status?.backOff !== undefined)
    context.output.note(`all sessions wait for the model until ${status.backOff.until}: ${status.backOff.reason}`)
  return status === undefined ? EXIT.failed : EXIT.done
}

async function running(context: Context): Promise<DaemonStatus | undefined> {
  const endpoint = loadEndpoint(context.home)
  if (endpoint === undefined || !isAlive(endpoint.pid)) return undefined
  try {
    return (await exchange(endpoint, { method: 'GET', path: '/v1/daemon' })) as DaemonStatus
  } catch (error) {
    if (isBroken(error)) return undefined
    throw error
  }
}

function say(context: Context, invocation: Invocation, text: string): number {
  if (flag(invocation, 'json')) context.output.json({ schema: 1, message: text })
  else context.output.answer(text)
  return EXIT.done
}
