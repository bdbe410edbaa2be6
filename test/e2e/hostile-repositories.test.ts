import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { until } from '../support/eventually.ts'
import { orchTest, runToEnd, type OrchFixture } from '../support/orch.ts'
import { COMMITS, expectHarmless, expectNoTrace, shellAgent } from '../support/fleet/hostile.ts'

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'protocol.file.allow=always']

async function git(orch: OrchFixture, cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd('git', [...IDENTITY, ...args], { cwd, environment: orch.environment })
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

async function repositoryAt(orch: OrchFixture, name: string): Promise<string> {
  const root = join(orch.folder, name)
  mkdirSync(root, { recursive: true })
  await git(orch, root, 'init', '-q', '-b', 'main')
  writeFileSync(join(root, 'README.md'), 'Read me\n')
  writeFileSync(join(root, 'orch.yaml'), shellAgent(COMMITS))
  await git(orch, root, 'add', '-A')
  await git(orch, root, 'commit', '-qm', 'Begin')
  return root
}

/** Spawns in `cwd` and waits until the task stands at `wanted`; answers it. */
async function spawned(
  orch: OrchFixture,
  cwd: string,
  wanted: readonly string[] = ['Review'],
  args: readonly string[] = [],
): Promise<TaskStatus> {
  const { code, stdout, stderr } = await orch.run(['spawn', 'one', 'p', '--json', ...args], { cwd })
  expect(code, stderr).toBe(0)
  const { task } = JSON.parse(stdout) as { task: TaskStatus }
  const file = join(orch.orchHome, 'sessions', task.handle, 'status.json')
  const read = (): TaskStatus => JSON.parse(readFileSync(file, 'utf8')) as TaskStatus
  await until(() => wanted.includes(read().status), { what: `${task.handle} is ${wanted.join(' or ')}`, deadlineMs: 60_000 }).catch(
    (cause: unknown) => {
      throw new Error(`${read().status}: ${read().reason}`, { cause })
    },
  )
  return read()
}

async function refused(orch: OrchFixture, cwd: string, reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await orch.run(['spawn', 'one', 'p'], { cwd })
  expect([1, 2], stdout + stderr).toContain(code)
  expect(stderr).toMatch(reason)
  expect(stderr).toMatch(/^Next: /m)
  expectHarmless(stderr, 'the refusal')
}

async function merged(orch: OrchFixture, cwd: string, name = 'one'): Promise<void> {
  const { code, stdout, stderr } = await orch.run(['merge', name], { cwd })
  expect(code, stdout + stderr).toBe(0)
}

orchTest('no repository and an unborn one are refused with the reason', async ({ orch }) => {
  await refused(orch, orch.folder, /is in no git repository/)
  const unborn = join(orch.folder, 'unborn')
  mkdirSync(unborn)
  await git(orch, unborn, 'init', '-q', '-b', 'main')
  await refused(orch, unborn, /has no commit yet/)
})

orchTest('a bare repository works', async ({ orch }) => {
  const source = await repositoryAt(orch, 'source')
  const bare = join(orch.folder, 'bare.git')
  await git(orch, orch.folder, 'clone', '-q', '--bare', source, bare)
  await git(orch, bare, 'remote', 'remove', 'origin')
  // Without a checkout there is no orch.yaml to be read.
  mkdirSync(orch.orchHome, { mode: 0o700 })
  writeFileSync(join(orch.orchHome, 'config.yaml'), shellAgent(COMMITS))
  const status = await spawned(orch, bare)
  await merged(orch, bare)
  expect(await git(orch, bare, 'show', `main:${status.handle}.txt`)).toBe(status.handle)
})

orchTest('a detached HEAD, a dirty checkout and no identity do not keep work from landing', async ({ orch }) => {
  const root = await repositoryAt(orch, 'a "quoted" \u00fcml\u00e4ut $(touch PWNED) repo')
  await git(orch, root, 'checkout', '-q', '--detach')
  writeFileSync(join(root, 'README.md'), 'Mine\n')
  writeFileSync(join(root, 'untracked.txt'), 'mine')
  await git(orch, root, 'config', 'user.useConfigOnly', 'true')
  await git(orch, root, 'config', 'user.name', 'Only A Name')
  writeFileSync(
    join(root, 'orch.yaml'),
    shellAgent(`export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; ${COMMITS}`),
  )
  const status = await spawned(orch, root)
  expect(status.target).toBe('main')
  await merged(orch, root)
  expect(await git(orch, root, 'show', `main:${status.handle}.txt`)).toBe(status.handle)
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('Mine\n')
  expect((await orch.run(['cleanup'], { cwd: root })).code).toBe(0)
  expectNoTrace(orch.home)
})

orchTest('a dirty main checkout holds a landing that touches it, and says what to do', async ({ orch }) => {
  const root = await repositoryAt(orch, 'dirty')
  writeFileSync(join(root, 'orch.yaml'), shellAgent('echo theirs >README.md; git commit -qam Theirs'))
  await git(orch, root, 'commit', '-qam', 'Configure')
  writeFileSync(join(root, 'README.md'), 'Mine\n')
  await spawned(orch, root)
  const { stdout, stderr } = await orch.run(['merge', 'one'], { cwd: root })
  expect(stdout + stderr).toMatch(/uncommitted changes \(README.md\)/)
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('Mine\n')
  await git(orch, root, 'checkout', '--', 'README.md')
  await merged(orch, root)
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('theirs\n')
})

orchTest('from a linked worktree, from a folder below, and with a sparse checkout', async ({ orch }) => {
  const root = await repositoryAt(orch, 'sparse')
  mkdirSync(join(root, 'in/deep'), { recursive: true })
  mkdirSync(join(root, 'out'))
  writeFileSync(join(root, 'in/deep/a.txt'), 'a')
  writeFileSync(join(root, 'out/b.txt'), 'b')
  await git(orch, root, 'add', '-A')
  await git(orch, root, 'commit', '-qm', 'Folders')
  await git(orch, root, 'sparse-checkout', 'set', 'in')
  const linked = join(orch.folder, 'linked')
  await git(orch, root, 'worktree', 'add', '-q', '-b', 'mine', linked)
  const status = await spawned(orch, join(linked, 'in/deep'))
  expect(status.repository).toBe(root)
  expect(status.worktree).toBe(join(orch.folder, 'sparse-wt-one'))
  await merged(orch, linked)
  expect(await git(orch, root, 'status', '--porcelain')).toBe('')
})

orchTest('a branch that stands in the way of feature/* is named', async ({ orch }) => {
  const root = await repositoryAt(orch, 'clash')
  await git(orch, root, 'branch', 'feature')
  const status = await spawned(orch, root, ['Failed'])
  expect(status.reason).toMatch(/refs\/heads\/feature exists, and git cannot have both/)
})

orchTest('submodules are left alone, and said', async ({ orch }) => {
  const inner = await repositoryAt(orch, 'inner')
  const root = await repositoryAt(orch, 'outer')
  await git(orch, root, 'submodule', '--quiet', 'add', inner, 'sub')
  await git(orch, root, 'commit', '-qm', 'A submodule')
  await spawned(orch, root)
  await merged(orch, root)
  writeFileSync(join(root, 'tasks.md'), '- [ ] Two\n  - id: two\n')
  const { stderr } = await orch.run(['run', '--dry-run'], { cwd: root })
  expect(stderr).toContain('submodules')
})

orchTest('a remote that is gone or never answers does not hold work up', async ({ orch }) => {
  const root = await repositoryAt(orch, 'lonely')
  await git(orch, root, 'remote', 'add', 'origin', join(orch.folder, 'gone.git'))
  await spawned(orch, root)
  await merged(orch, root)
  const silent = createServer(() => undefined)
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  try {
    const { port } = silent.address() as { port: number }
    const other = await repositoryAt(orch, 'waiting')
    await git(orch, other, 'remote', 'add', 'origin', `http://127.0.0.1:${port}/x.git`)
    const began = performance.now()
    await spawned(orch, other)
    expect(performance.now() - began).toBeLessThan(25_000)
  } finally {
    silent.close()
  }
})

orchTest('a git filter that came after the sessions is not run, is told, and a person accepts the one that was shown', async ({ orch }) => {
  const root = await repositoryAt(orch, 'filtered')
  writeFileSync(join(root, '.gitattributes'), '*.md filter=mine\n')
  await git(orch, root, 'add', '-A')
  await git(orch, root, 'commit', '-qm', 'Attributes')
  await spawned(orch, root)
  expect((await orch.run(['doctor'], { cwd: root })).stdout).not.toContain('git filter')
  await git(orch, root, 'config', 'filter.mine.smudge', 'tr a-z A-Z # \u001b]0;hidden\u0007')

  expect((await orch.run(['spawn', 'two', 'p'], { cwd: root })).code).toBe(0)
  const read = (task: string): string => readFileSync(join(orch.folder, `filtered-wt-${task}`, 'README.md'), 'utf8')
  const list = async (): Promise<string> => (await orch.run(['list', '--json'], { cwd: root })).stdout
  await until(async () => (await list()).includes('the git filter mine came'), { what: 'the note', deadlineMs: 60_000 })
  expect(read('two')).toBe('Read me\n')

  const { stdout } = await orch.run(['doctor'], { cwd: root })
  expect(stdout).toContain('filter.mine.smudge = "tr a-z A-Z # \\u001b]0;hidden\\u0007"')
  expectHarmless(stdout, 'doctor')
  const id = /orch doctor --accept-filter ([0-9a-f]{16})/.exec(stdout)?.[1] ?? ''
  const accept = (...more: string[]) => orch.run(['doctor', '--accept-filter', ...more], { cwd: root })
  expect((await accept(id, '--dry-run')).stdout).toContain('would run it')
  expect(await accept('0'.repeat(16))).toMatchObject({ code: 1, stderr: expect.stringContaining('Next: orch doctor') })
  expect(await orch.run(['doctor', '--accept-filter', id], { cwd: root, environment: { ORCH_TASK: 'filtered.two' } })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('A session cannot accept'),
  })
  expect((await orch.run(['doctor'], { cwd: root })).stdout).toContain(id)
  expect(await accept(id)).toMatchObject({ code: 0, stdout: expect.stringContaining('orch runs it from now on') })
  expect((await orch.run(['doctor'], { cwd: root })).stdout).not.toContain('git filter')
  expect((await orch.run(['spawn', 'three', 'p'], { cwd: root })).code).toBe(0)
  await until(() => existsSync(join(orch.folder, 'filtered-wt-three', 'TASK.md')), { what: 'the third worktree', deadlineMs: 60_000 })
  expect(read('three')).toBe('READ ME\n')
})
