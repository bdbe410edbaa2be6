import { spawn } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from './eventually.ts'
import { expectNoLeftovers, findLeftovers } from './leftovers.ts'
import { orchTest, runToEnd } from './orch.ts'
import { temporaryFolder, temporaryHome, temporaryTree } from './temporary.ts'

describe('until', () => {
  test('returns the first truthy value', async () => {
    let asked = 0
    expect(await until(() => ++asked === 3 && 'third', { what: 'the third' })).toBe('third')
  })

  test('a deadline that passes says what was waited for and what was seen last', async () => {
    await expect(until(() => 0, { what: 'a number', deadlineMs: 50 })).rejects.toThrow('a number: not within 50 ms; last seen: 0')
  })

  test('a condition that throws is asked again; its last error is shown', async () => {
    let asked = 0
    const second = () => (++asked === 1 ? Promise.reject(new Error('not yet')) : asked)
    expect(await until(second, { what: 'the second' })).toBe(2)
    const never = () => Promise.reject(new TypeError('never'))
    await expect(until(never, { what: 'it', deadlineMs: 50 })).rejects.toThrow('last seen: TypeError: never')
  })

  test('a condition that hangs does not outlive the deadline', async () => {
    await expect(until(() => new Promise(() => {}), { what: 'an answer', deadlineMs: 50 })).rejects.toThrow(
      'a condition that has not answered',
    )
  })

  test('a watched folder wakes it', async () => {
    const folder = temporaryFolder()
    const waiting = until(() => existsSync(join(folder, 'a')), { what: 'the file', watching: folder })
    writeFileSync(join(folder, 'a'), '')
    expect(await waiting).toBe(true)
  })
})

describe('temporary', () => {
  let before: string
  test('a folder is there during the test', () => {
    before = temporaryTree({ 'a/b.txt': 'text' })
    expect(statSync(join(before, 'a/b.txt')).size).toBe(4)
  })
  test('and gone after it', () => expect(existsSync(before)).toBe(false))

  test('a home carries no real key and no one else’s environment', () => {
    const { environment, home } = temporaryHome()
    expect(environment).toMatchObject({ HOME: home, ANTHROPIC_API_KEY: 'sk-ant-fake', GIT_CONFIG_GLOBAL: '/dev/null' })
    expect(Object.keys(environment).filter((name) => /^CLAUDE(?!_CODE_DISABLE)/.test(name))).toEqual([])
  })
})

describe('leftovers', () => {
  const idle = ['-e', 'process.stdin.resume(); console.log("ready")']

  test.each(['HOME', 'ORCH_HOME', 'ORCH_SESSION', 'cwd'])(
    'a process that knows the home by %s is found, reported and stopped',
    async (by) => {
      const home = temporaryFolder()
      const child = spawn(process.execPath, idle, {
        cwd: by === 'cwd' ? home : '/',
        env: by === 'cwd' ? {} : { [by]: join(home, 'x') },
        detached: true,
      })
      const closed = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      expect(findLeftovers(home).map(({ pid }) => pid)).toEqual([child.pid])
      await expect(expectNoLeftovers(home, 50)).rejects.toThrow(/left 1 processes behind:\n {2}\d+ .*ready/)
      expect(await closed).toBe('SIGKILL')
      await expectNoLeftovers(home)
    },
  )

  test('a process of another home is left alone', async () => {
    const child = spawn(process.execPath, idle, { cwd: '/', env: { HOME: `${temporaryFolder()}2` } })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expectNoLeftovers(temporaryFolder(), 50)
    child.stdin.end()
    await new Promise((resolve) => child.on('close', resolve))
  })
})

describe('runToEnd', () => {
  test('gives code, output and passes input', async () => {
    const ended = await runToEnd('sh', ['-c', 'cat; echo oops >&2; exit 3'], {
      input: 'hello',
      environment: { PATH: process.env.PATH ?? '' },
    })
    expect(ended).toEqual({ code: 3, stdout: 'hello', stderr: 'oops\n' })
  })

  test('a program that does not end is stopped with its children, and its output shown', async () => {
    const script = 'echo begun; sleep 600 & wait'
    await expect(runToEnd('sh', ['-c', script], { deadlineMs: 1000, environment: { PATH: process.env.PATH ?? '' } })).rejects.toThrow(
      /not ended within 1000 ms: sh -c .*\nbegun/,
    )
  })
})

orchTest('the fixture runs the real launcher in its own home', async ({ orch }) => {
  const { code, stdout, stderr } = await orch.run(['--version'])
  expect([code === 0 ? stdout : stderr]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+|not built yet/)])
})
