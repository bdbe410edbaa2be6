import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { failureCode } from '../foundation/failure.ts'
import { scanProcesses } from './process-table.ts'
import { runCommand, shellCommand } from './run-command.ts'
import type { CommandResult, CommandSpec } from './run-command.ts'

const home = mkdtempSync(join(tmpdir(), 'orch command '))
afterAll(() => rmSync(home, { recursive: true, force: true }))
/** Another run of these tests on the same machine must not end ours. */
const [timedOut, leftRunning] = [`timed-out-test-${process.pid}`, `left-running-test-${process.pid}`]

it('tells code, output and how long it took', async () => {
  const result = await run({ argv: shellCommand('cat; echo err >&2; exit 7'), stdin: 'ïn' })
  expect(result).toMatchObject({ kind: 'exited', code: 7, stdout: 'ïn', stderr: 'err\n', cutBytes: 0 })
})

it('passes arguments as they are and only the given environment', async () => {
  const result = await run({ argv: ['/usr/bin/env', 'printf', '%s|', '$(id)', '-x', 'a b'], environment: { PATH: '/usr/bin:/bin' } })
  expect(result.stdout).toBe('$(id)|-x|a b|')
})

it('tells a signal, a missing program and a missing folder apart', async () => {
  expect(await run({ argv: shellCommand('kill -KILL $$') })).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' })
  expect(await run({ argv: ['/no/such/program'] })).toMatchObject({ kind: 'not-found', program: '/no/such/program' })
  expect(failureCode(await run({ argv: ['true'], cwd: '/no/such/folder' }).catch((error: unknown) => error))).toBe('command-not-started')
  expect(failureCode(await run({ argv: [home] }).catch((error: unknown) => error))).toBe('command-not-started')
})

it('keeps beginning and end of a large output and the whole in a file', async () => {
  const outputFile = join(home, 'all.txt')
  const result = await run({ argv: shellCommand('seq 1 200000'), maxOutputBytes: 1000, outputFile })
  const all = readFileSync(outputFile, 'utf8')
  expect(all).toBe(`${Array.from({ length: 200_000 }, (_, at) => at + 1).join('\n')}\n`)
  expect(result.stdout).toBe(`${all.slice(0, 500)}\n… ${all.length - 1000} bytes cut …\n${all.slice(-500)}`)
  expect(result.cutBytes).toBe(all.length - 1000)
  expect(statSync(outputFile).mode & 0o777).toBe(0o600)
})

it('ends the whole group and what left it when the time is over', async () => {
  const result = await run({
    argv: shellCommand('trap "" TERM; setsid sleep 1000 & sleep 1000 & echo $!; wait; wait'),
    timeoutMs: 300,
    graceMs: 50,
    marker: timedOut,
  })
  expect(result.kind).toBe('timed-out')
  expect((await scanProcesses()).filter((entry) => entry.marker === timedOut || entry.pid === Number(result.stdout))).toEqual([])
})

it('ends when it is aborted, and does not start when it was', async () => {
  const controller = new AbortController()
  const running = run({ argv: shellCommand('echo on; sleep 1000'), signal: controller.signal })
  controller.abort()
  expect((await running).kind).toBe('aborted')
  expect(await run({ argv: ['/no/such/program'], signal: controller.signal })).toMatchObject({ kind: 'aborted' })
})

it('does not wait for what the command left running', async () => {
  const result = await run({ argv: shellCommand('setsid sleep 1000 & sleep 1000 & echo done'), marker: leftRunning })
  expect(result).toMatchObject({ kind: 'exited', code: 0, stdout: 'done\n' })
  expect(result.durationMs).toBeLessThan(5000)
  expect((await scanProcesses()).filter((entry) => entry.marker === leftRunning)).toEqual([])
})

it('does not mind a program that reads no input', async () => {
  expect(await run({ argv: ['true'], stdin: 'x'.repeat(1_000_000) })).toMatchObject({ kind: 'exited', code: 0 })
})

function run(spec: Partial<CommandSpec>): Promise<CommandResult> {
  return runCommand({ argv: [], cwd: home, environment: { PATH: process.env.PATH }, timeoutMs: 30_000, ...spec })
}
