import { unlink } from 'node:fs/promises'
import * as v from 'valibot'
import { homeAt, mcpFiles } from '../../../config/home.ts'
import { Failure } from '../../../foundation/failure.ts'
import { withResolvers } from '../../../foundation/with-resolvers.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../../platform/files.ts'
import { tryAcquire } from '../../../platform/generation-lock.ts'
import { listenAgain } from '../../../platform/loopback/listen.ts'
import { keepToken } from '../../../platform/loopback/token.ts'
import type { Context } from '../../context.ts'
import { openDoor, PATH } from './door.ts'

/** Where the shared server of this home listens. */
export interface Address {
  readonly url: string
  readonly pid: number
  readonly token: string
}

const AddressFile = v.object({ url: v.string(), pid: v.number() })

/**
 * One server for all clients of this home, until it is asked to end. `said` hears where it listens: the one that is started, or the one that runs already.
 * Port and token are kept over restarts, so that what clients were told stays true.
 */
export async function serveShared(context: Context, said: (address: Address, isNew: boolean) => void): Promise<void> {
  const home = homeAt(context.home)
  const files = mcpFiles(home)
  await ensurePrivateDirectory(home.root)
  const interruption = context.interruption()
  const attempt = await tryAcquire(files.lock)
  if (attempt.kind === 'busy') return said({ ...(await running(files.address)), token: await keepToken(files.token) }, false)
  const token = await keepToken(files.token)
  const over = withResolvers()
  interruption.addEventListener('abort', () => over.resolve(), { once: true })
  let port = 0
  const door = openDoor(context, () => ({ token, port }))
  const listening = await listenAgain(door.fetch, files.port)
  port = listening.port
  const address = { url: `http://127.0.0.1:${port}${PATH}`, pid: process.pid }
  await replaceFile(files.address, `${JSON.stringify(address)}\n`)
  said({ ...address, token }, true)
  if (!interruption.aborted) await over.promise
  listening.server.close()
  await door.close()
  listening.server.closeAllConnections()
  await unlink(files.address).catch(() => undefined)
  await attempt.lock.release()
}

async function running(file: string): Promise<v.InferOutput<typeof AddressFile>> {
  const address = await loadJson(file, (value) => v.parse(AddressFile, value)).catch(() => undefined)
  if (address !== undefined) return address
  throw new Failure('mcp-starting', 'Another MCP server of this home is starting or ending.', {
    safe: 'nothing was started.',
    next: 'the same command again',
  })
}
