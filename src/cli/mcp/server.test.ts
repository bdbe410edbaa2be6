import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { personsContext } from '../../../test/support/cli/persons-context.ts'
import { callThatWaits, connectedClient, daemonAtWork, knownProject, textOf } from '../../../test/support/mcp/mcp-scene.ts'
import { tools } from './tools/tools.ts'

const root = resolve(import.meta.dirname, '../../..')

test('a client hears of every tool, and calls one', async () => {
  const client = await connectedClient(personsContext())
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
  expect(client.getServerVersion()).toMatchObject({ name: 'orch', version: '1.0.0' })
  expect(await client.callTool({ name: 'inbox', arguments: {} })).toEqual({ content: [{ type: 'text', text: 'Nothing waits for you.' }] })
})

test('what goes wrong is an answer in three parts, and the server serves on', async () => {
  const client = await connectedClient(personsContext())
  const failed = await client.callTool({ name: 'approve', arguments: { ids: ['m1'], because: 'm2' } })
  expect(failed.isError).toBe(true)
  expect(textOf(failed)).toMatch(/^orch: nothing waits for you under "m1"\n(?:.*\n)*Next: /)
  const unknown = await client.callTool({ name: 'rm', arguments: {} })
  expect(unknown).toMatchObject({ isError: true, content: [{ text: 'There is no tool called rm.' }] })
  const mistaken = await client.callTool({ name: 'merge', arguments: { names: ['a'], force: true } })
  expect(textOf(mistaken)).toContain('merge does not take this: force')
  expect((await client.callTool({ name: 'status', arguments: {} })).isError).toBeUndefined()
})

test('the words of the person are refused in a session', async () => {
  const client = await connectedClient(personsContext({ environment: { ORCH_SESSION: 'x', ORCH_TASK: 'app.login' } }))
  const calls: readonly (readonly [string, Record<string, unknown>])[] = [
    ['answer', { id: 'm1', answers: ['yes'] }],
    ['approve', { ids: ['m1'] }],
    ['deny', { ids: ['m1'] }],
    ['merge', { names: ['a'] }],
    ['cleanup', {}],
    ['discard', { name: 'a', reason: 'b' }],
    ['stop', { name: 'a' }],
    ['undo', { name: 'a' }],
    ['send', { name: 'a', text: 'b' }],
  ]
  for (const [name, input] of calls) {
    const refused = await client.callTool({ name, arguments: input })
    expect(refused.isError, name).toBe(true)
    expect(textOf(refused), name).toContain('only the person says this')
  }
  expect((await client.callTool({ name: 'monitor', arguments: {} })).isError).toBeUndefined()
})

test('a call stands where its client stands, and elsewhere only in a repository that orch knows', async () => {
  const context = personsContext()
  const [shop, blog, stranger] = ['shop', 'blog', 'stranger'].map((name) => {
    mkdirSync(join(context.home, name, '.git'), { recursive: true })
    return join(context.home, name)
  }) as [string, string, string]
  knownProject(context.home, 'shop', shop)
  knownProject(context.home, 'blog', blog)
  const status = async (client: Awaited<ReturnType<typeof connectedClient>>, repository?: string) =>
    textOf(await client.callTool({ name: 'status', arguments: repository === undefined ? {} : { repository } }))

  const inShop = await connectedClient({ ...context, environment: { CLAUDE_PROJECT_DIR: shop } })
  expect(await status(inShop)).toBe('shop: no sessions')
  expect(await status(inShop, 'blog')).toBe('blog: no sessions')
  expect(await status(inShop, blog)).toBe('blog: no sessions')
  expect(await status(inShop, stranger)).toBe(
    `orch: orch knows no repository called "${stranger}"\nKept safe: nothing was done.\nNext: one of blog, shop`,
  )
  expect(await status(inShop, '../stranger')).toContain('orch knows no repository')

  const byRoots = await connectedClient(context, ['file:///nowhere', pathToFileURL(stranger).href])
  expect(await status(byRoots)).toBe('stranger: no sessions')
  expect(await status(byRoots, stranger)).toBe('stranger: no sessions')
  expect(await status(await connectedClient({ ...context, cwd: blog }, ['http://elsewhere']))).toBe('blog: no sessions')
})

test('a long call tells how far it is, and when it is cancelled the work goes on', async () => {
  const context = personsContext()
  const { daemon, task } = await daemonAtWork(context.home)
  const client = await connectedClient(context)
  const { heard, ended, cancel } = callThatWaits(client)
  await until(() => heard.length > 0, { what: 'progress is told' })
  daemon.tell('task', { ...task, status: 'Review', reason: 'ready\u001b[2J' })
  await until(() => heard.some((line) => line.includes('ready')), { what: 'the change is told' })
  expect(heard.join('\n')).not.toContain('\u001b')
  cancel()
  expect(await ended).toBe('not answered')
  await until(() => daemon.following() === 0, { what: 'the waiting has ended' })
  expect(textOf(await client.callTool({ name: 'inbox', arguments: {} }))).not.toBe('')
  // Nothing was taken back.
  expect(daemon.requests.map(({ path }) => path)).toEqual(['/v1/run'])
})

test('a server whose orch was replaced does nothing more, and ends', async () => {
  let [now, ends] = ['1.0.0', 0]
  const client = await connectedClient(personsContext(), undefined, { versionNow: () => now, onReplaced: () => (ends += 1) })
  expect((await client.callTool({ name: 'status', arguments: {} })).isError).toBeUndefined()
  now = '1.1.0'
  const refused = await client.callTool({ name: 'status', arguments: {} })
  expect(refused.isError).toBe(true)
  expect(textOf(refused)).toMatch(/^orch: It is version 1\.1\.0 now, and this server is 1\.0\.0\.\nKept safe: nothing was done\.\nNext: /)
  await until(() => ends === 1, { what: 'it ends' })
})

test('the library of the protocol is loaded by orch mcp alone', () => {
  const found = execFileSync('git', ['grep', '-l', "^import .*from '@modelcontextprotocol/", '--', 'src', ':!*.test.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(found.trim().split('\n').toSorted()).toEqual(
    ['http/door.ts', 'server.ts', 'site.ts', 'stdio.ts'].map((name) => `src/cli/mcp/${name}`),
  )
  // What the table of commands loads of it is a function that loads it.
  const command = readFileSync(join(root, 'src/cli/mcp/mcp.ts'), 'utf8')
  expect(command.match(/^import (?!type ).*'\.\/.*$/gm) ?? []).toEqual([])
})
