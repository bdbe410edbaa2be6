import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { loadText } from '../../platform/files.ts'
import { scanProcesses } from '../../platform/process-table.ts'
import { gitText, runGit } from './git-command.ts'

/** A program that git starts: an alias with an exclamation mark is one for the shell. */
const program = (line: string): string[] => ['-c', `alias.program=!${line}`, 'program']
const forever = program('echo $$ > pid; exec sleep 1000')

test('hands git its input, and the output back as it came', async () => {
  const cwd = temporaryFolder()
  await runGit(['init', '--quiet'], { cwd })
  const blob = Uint8Array.of(0xff, 0, 0x0a, 0xfe)
  const sha = await gitText(['hash-object', '-w', '--stdin'], { cwd, input: blob })
  expect(Uint8Array.from((await runGit(['cat-file', 'blob', sha], { cwd })).stdout)).toEqual(blob)
})

test('takes an exit code for an answer only where it is one', async () => {
  const cwd = temporaryFolder()
  expect(await runGit(program('exit 3'), { cwd, accept: [3] })).toMatchObject({ exitCode: 3 })
  await expect(runGit(program('echo why >&2; exit 3'), { cwd })).rejects.toMatchObject({
    code: 'git-failed',
    message: expect.stringContaining('why'),
  })
})

test('a git that is killed has answered nothing', async () => {
  const cwd = temporaryFolder()
  // git's own process is the parent of the alias.
  const killed = runGit(program('kill -KILL $PPID; exit 1'), { cwd, accept: [1, 128] })
  await expect(killed).rejects.toMatchObject({ code: 'git-failed', message: expect.stringContaining('SIGKILL') })
})

test('ends git and what it started when the time is over', async () => {
  const cwd = temporaryFolder()
  await expect(runGit(forever, { cwd, timeoutMs: 500 })).rejects.toMatchObject({ code: 'git-timeout' })
  expect(await startedIn(cwd)).toEqual([])
})

test('ends git when nobody wants the answer any more', async () => {
  const cwd = temporaryFolder()
  const leaving = new AbortController()
  const running = runGit(forever, { cwd, signal: leaving.signal })
  await until(async () => (await startedIn(cwd)).length > 0, { what: 'git to run' })
  leaving.abort(new Error('not any more'))
  await expect(running).rejects.toThrow('not any more')
  expect(await startedIn(cwd)).toEqual([])
})

test('refuses more output than was allowed for', async () => {
  const cwd = temporaryFolder()
  await expect(runGit(program('seq 1 10000'), { cwd, maxBytes: 1000 })).rejects.toMatchObject({ message: expect.stringContaining('limit') })
})

test('passes on nothing of GIT_* and ORCH_BRANCH that could redirect a command', async () => {
  const cwd = temporaryFolder()
  const before = { ...process.env }
  Object.assign(process.env, { GIT_DIR: '/elsewhere', GIT_INDEX_FILE: '/elsewhere', ORCH_BRANCH: 'feature/x', GIT_SSH_COMMAND: 'ssh -v' })
  try {
    const seen = await gitText(program('env'), { cwd, env: { GIT_AUTHOR_DATE: '1 +0000' } })
    expect(seen).not.toMatch(/elsewhere|ORCH_BRANCH/)
    expect(seen).toContain('GIT_SSH_COMMAND=ssh -v')
    expect(seen).toContain('GIT_AUTHOR_DATE=1 +0000')
  } finally {
    process.env = before
  }
})

test('tells a missing folder from a missing git', async () => {
  const cwd = temporaryFolder()
  await expect(runGit(['version'], { cwd: join(cwd, 'gone') })).rejects.toMatchObject({ code: 'not-a-directory' })
  mkdirSync(join(cwd, 'empty'))
  await expect(runGit(['version'], { cwd, env: { PATH: join(cwd, 'empty') } })).rejects.toMatchObject({ code: 'git-missing' })
})

async function startedIn(cwd: string): Promise<unknown[]> {
  const pid = Number((await loadText(join(cwd, 'pid'))) ?? 0)
  return (await scanProcesses()).filter((entry) => entry.pid === pid)
}
