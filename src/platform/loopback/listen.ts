import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { loadText, replaceFile } from '../files.ts'

type Fetch = Parameters<typeof serve>[0]['fetch']

/** At the port of the last one, which the file names, if it is free: whoever knew that asks there. */
export async function listenAgain(fetch: Fetch, portFile: string): Promise<{ server: Server; port: number }> {
  const known = Number(await loadText(portFile).catch(() => undefined))
  const isPort = Number.isInteger(known) && known > 1023 && known < 65_536
  const listening = isPort ? await listen(fetch, known).catch(() => listen(fetch, 0)) : await listen(fetch, 0)
  await replaceFile(portFile, `${listening.port}\n`)
  return listening
}

function listen(fetch: Fetch, port: number): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port }, (info) => resolve({ server: server as Server, port: info.port }))
    server.once('error', reject)
  })
}
