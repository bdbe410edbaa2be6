import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { identityOf, type ProcessIdentity } from '../process-identity.ts'
import { loadAgent } from './session-folder.ts'
import { TerminalProcess } from './terminal-process.ts'
import { closeUnstarted, runInTerminal, type TerminalSpec } from './terminal-wrapper.ts'

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

test('a program in a terminal is followed to its end, and its exit code is told', async () => {
  const spec = specOf(['/bin/sh', '-c', 'exit 7'])
  const seen = follow(spec, await ourselves())
  expect(await runInTerminal(spec)).toEqual({ kind: 'ended', code: 7 })
  await until(() => seen.exits.length > 0, { what: 'the end' })
  expect(seen.exits).toEqual([{ kind: 'code', code: 7 }])
})

test('what was given up before its start never starts', async () => {
  const spec = specOf(['/usr/bin/touch', 'started'])
  expect(closeUnstarted(spec.folder, spec.marker)).toBe(true)
  expect(await runInTerminal(spec)).toEqual({ kind: 'closed' })
  expect(existsSync(join(spec.cwd, 'started'))).toBe(false)
  expect(closeUnstarted(spec.folder, spec.marker)).toBe(false)
})

test('a client that ends before it has started anything never will', async () => {
  const spec = specOf(['/usr/bin/touch', 'started'])
  const seen = follow(spec, await ended())
  await until(() => seen.exits.length > 0, { what: 'it is given up' })
  expect(seen.exits).toEqual([{ kind: 'lost' }])
  expect(await runInTerminal(spec)).toEqual({ kind: 'closed' })
})

test('a program whose client was killed has no terminal any more, and is ended', async () => {
  const spec = specOf(['/bin/sleep', '600'])
  const client = spawn('/bin/sleep', ['600'])
  onTestFinished(() => void client.kill('SIGKILL'))
  const seen = follow(spec, await identity(client.pid))
  const run = runInTerminal(spec)
  await until(() => loadAgent(spec.folder), { what: 'the program runs' })
  client.kill('SIGKILL')
  expect(await run).toMatchObject({ kind: 'ended' })
  await until(() => seen.exits.length > 0, { what: 'its end is told' })
  expect(await identityOf(loadAgent(spec.folder)?.pid ?? 0)).toBeUndefined()
})

test('it is ended from outside too, and one that was not started then never is', async () => {
  const running = specOf(['/bin/sleep', '600'])
  const seen = follow(running, await ourselves())
  const run = runInTerminal(running)
  await until(() => loadAgent(running.folder), { what: 'the program runs' })
  await seen.terminal.stop()
  expect(await run).toMatchObject({ kind: 'ended' })
  const waiting = specOf(['/bin/sleep', '600'])
  await follow(waiting, await ourselves()).terminal.stop()
  expect(await runInTerminal(waiting)).toEqual({ kind: 'closed' })
})

function specOf(argv: readonly string[]): TerminalSpec {
  const folder = temporaryFolder()
  return { folder, argv, cwd: temporaryFolder(), environment: ENVIRONMENT, marker: `terminal.${folder.replaceAll('/', '_')}` }
}

function follow(
  { folder, marker }: TerminalSpec,
  client: ProcessIdentity,
): { readonly exits: unknown[]; readonly terminal: TerminalProcess } {
  const exits: unknown[] = []
  const terminal = new TerminalProcess(folder, marker, client, (exit) => exits.push(exit))
  onTestFinished(() => terminal.detach())
  return { exits, terminal }
}

function ourselves(): Promise<ProcessIdentity> {
  return identity(process.pid)
}

async function ended(): Promise<ProcessIdentity> {
  const child = spawn('/bin/sleep', ['600'])
  const found = await identity(child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return found
}

async function identity(pid: number | undefined): Promise<ProcessIdentity> {
  const found = pid === undefined ? undefined : await identityOf(pid)
  if (found === undefined) throw new Error('the process cannot be seen')
  return found
}
