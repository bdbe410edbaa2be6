import { Failure } from '../../foundation/failure.ts'
import type { Context } from '../context.ts'
import { narrated } from '../output.ts'
import { ownVersion } from '../../config/version.ts'
import { isDaemon, loadEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { exchange } from './exchange.ts'
import type { Call } from './exchange.ts'

/** The path and body pairs are responses.ts's; `T` is the response that it names for the path. */
export async function ask<T>(context: Context, call: Call, what: string): Promise<T> {
  return (await narrated(context.output, what, askDaemon(context, call))) as T
}

/** A daemon of our own version, started or restarted where needed. */
export async function requireDaemon(context: Context): Promise<Endpoint> {
  const found = loadEndpoint(context.home)
  if (found === undefined || !(await isDaemon(found))) return (await starting()).startDaemon(context.home, found)
  if (found.version === ownVersion()) return found
  context.output.note(`orch: the daemon is version ${found.version}, this is ${ownVersion()}: restarting it; sessions go on.`)
  await exchange(found, { method: 'POST', path: '/v1/daemon/stop', body: {} }).catch(() => undefined)
  const { startDaemon, untilGone } = await starting()
  await untilGone(context.home, found)
  return startDaemon(context.home, found)
}

/** Mostly there is a daemon, and what starts one need not be loaded. */
function starting(): Promise<typeof import('./daemon-start.ts')> {
  return import('./daemon-start.ts')
}

/**
 * Does something with a daemon of our version. Refused means that nothing of ours was read, whatever its file and its process id say
 * (a killed one stays a zombie until it is reaped), so that a new daemon may be asked.
 */
export async function withDaemon<T>(context: Context, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  const endpoint = await requireDaemon(context)
  try {
    return await work(endpoint)
  } catch (error) {
    if (errorCode(error) !== 'ECONNREFUSED') throw error
    return work(await (await starting()).startDaemon(context.home, endpoint))
  }
}

async function askDaemon(context: Context, call: Call): Promise<unknown> {
  const once = () => withDaemon(context, (endpoint) => exchange(endpoint, call))
  const isRepeatable = call.method === 'GET' || call.isRepeatable === true
  const failed = (error: unknown): never => {
    throw isBroken(error) ? wentAway(call, error) : error
  }
  return once().catch((error: unknown) => (isRepeatable && isBroken(error) ? once().catch(failed) : failed(error)))
}

export function isBroken(error: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'].includes(errorCode(error) ?? '')
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function wentAway(call: Call, cause: unknown): Failure {
  const isChange = call.method === 'POST'
  return new Failure('daemon-went-away', 'The daemon ended while it was answering.', {
    cause,
    safe: isChange ? 'sessions go on; what it had recorded is done by the next daemon.' : 'sessions go on.',
    next: isChange ? 'look with `orch list` whether it was done, else the same command again' : 'the same command again',
  })
}
