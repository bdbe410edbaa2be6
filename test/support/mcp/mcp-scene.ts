import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'
import type { Context } from '../../../src/cli/context.ts'
import { makeServer, type Service } from '../../../src/cli/mcp/server.ts'
import { folderOfClient, siteIn } from '../../../src/cli/mcp/site.ts'
import { ownVersion } from '../../../src/config/version.ts'
import type { TaskStatus } from '../../../src/protocol/task-status.ts'
import { startFakeDaemon, type FakeDaemon } from '../cli/fake-daemon.ts'
import { taskStatus } from '../cli/task-status.ts'

/** A project that this home knows. */
export function knownProject(home: string, project: string, repository: string): void {
  const folder = join(home, 'projects', project)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'project.json'), JSON.stringify({ repository }))
}

/** The library's own client, connected inside this process to a server as `orch mcp` makes it. `roots`: what the client says when asked. */
export async function connectedClient(context: Context, roots?: readonly string[], service: Partial<Service> = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: roots === undefined ? {} : { roots: {} } })
  if (roots !== undefined) client.setRequestHandler('roots/list', () => ({ roots: roots.map((uri) => ({ uri })) }))
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const server = makeServer({
    site: (made) => siteIn(context, folderOfClient(context, made)),
    running: '1.0.0',
    versionNow: () => '1.0.0',
    onReplaced: () => undefined,
    ...service,
  })
  await server.connect(theirs)
  await client.connect(ours)
  onTestFinished(() => client.close())
  return client
}

/** A daemon whose only task is at work, and does not end by itself. */
export async function daemonAtWork(home: string): Promise<{ daemon: FakeDaemon; task: TaskStatus }> {
  const daemon = await startFakeDaemon(home, ownVersion())
  onTestFinished(() => daemon.close())
  const task = taskStatus('login')
  const plan = { tasks: [], landed: [], problems: [] }
  const started = { started: [task.handle], continued: [], skipped: [], order: [task.handle], plan, max: 4, notes: [], isDryRun: false }
  daemon.answers.set('/v1/run', { status: 200, body: started })
  daemon.tasks = [task]
  return { daemon, task }
}

/** A call that waits for that task: what it says on its way, and how it ended. */
export function callThatWaits(client: Client) {
  const cancelled = new AbortController()
  const heard: string[] = []
  const called = client.callTool(
    { name: 'run', arguments: { wait: true } },
    { signal: cancelled.signal, onprogress: ({ message }) => void heard.push(message ?? '') },
  )
  const ended = called.then(
    () => 'answered' as const,
    () => 'not answered' as const,
  )
  return { heard, ended, cancel: () => cancelled.abort() }
}

/** What a call answered, as text. */
export function textOf(result: { readonly content?: unknown }): string {
  const [first] = (result.content ?? []) as readonly { text?: string }[]
  return first?.text ?? ''
}
