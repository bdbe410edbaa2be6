import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, writeTree } from '../../../test/support/temporary.ts'

const script = resolve(import.meta.dirname, '../../../plugin/worktree.sh')

test('without orch a worktree is made as Claude Code makes it, and used again', () => {
  const { root, hook, git } = makeScene()
  const made = hook('create', { name: 'user/feat' })
  const path = join(root, '.claude', 'worktrees', 'user+feat')
  expect(made).toEqual({ code: 0, stdout: `${path}\n` })
  expect(git('-C', path, 'branch', '--show-current')).toBe('worktree-user+feat')
  expect(readFileSync(join(path, '.env'), 'utf8')).toBe('KEY=1')
  expect(readFileSync(join(path, 'sub dir', 'local.env'), 'utf8')).toBe('K=2')
  expect(existsSync(join(path, 'other.log'))).toBe(false)
  writeFileSync(join(path, '.env'), 'mine')
  expect(hook('create', { name: 'user/feat' }, path)).toEqual(made)
  expect(readFileSync(join(path, '.env'), 'utf8')).toBe('mine')
  for (const name of ['', '-x', 'a/../../b', 'a b', '$(touch x)', 'a"b', 'a\nb'])
    expect(hook('create', { name }), name).toMatchObject({ code: 1 })
  expect(hook('create', { name: 'x' }, temporaryFolder())).toMatchObject({ code: 1, stdout: '' })
})

test('what is taken away again holds nothing that is only there', () => {
  const { root, hook, git } = makeScene()
  const [path, other] = [join(root, '.claude', 'worktrees', 'one'), join(root, '.claude', 'worktrees', 'two')]
  hook('create', { name: 'one' })
  writeFileSync(join(path, 'new.txt'), 'x')
  expect(hook('remove', { worktree_path: path })).toMatchObject({ code: 1 })
  expect(existsSync(join(path, 'new.txt'))).toBe(true)
  git('-C', path, 'add', '-A')
  git('-C', path, 'commit', '-qm', 'Work')
  expect(hook('remove', { worktree_path: path })).toMatchObject({ code: 0 })
  expect(existsSync(path)).toBe(false)
  expect(git('log', '--format=%s', '-1', 'worktree-one')).toBe('Work')
  hook('create', { name: 'two' })
  expect(hook('remove', { worktree_path: other })).toMatchObject({ code: 0 })
  expect(git('branch', '--list', 'worktree-two')).toBe('')
  expect(hook('remove', { worktree_path: root })).toMatchObject({ code: 1 })
  expect(existsSync(join(root, 'README.md'))).toBe(true)
})

test('a conversation that is a task is followed, also when it is cleared, and no other', () => {
  const home = temporaryFolder()
  const file = join(home, 'sessions', 'shop.feat', '1.1', 'hooks.jsonl')
  writeTree(home, { 'sessions/shop.feat/1.1/hooks.jsonl': '', 'claude/tasks/.keep': '' })
  symlinkSync(join(home, 'sessions', 'shop.feat', '1.1'), join(home, 'claude', 'tasks', 'first'))
  const environment = { PATH: process.env['PATH'], ORCH_HOME: home }
  const hook = (id: string, event: object, more: object = {}) =>
    spawnSync('sh', [resolve(script, '../follow.sh')], {
      env: { ...environment, ...more, CLAUDE_CODE_SESSION_ID: id },
      input: JSON.stringify(event, undefined, 1),
      encoding: 'utf8',
    })
  hook('first', { hook_event_name: 'Stop' })
  hook('first', { hook_event_name: 'Stop' }, { ORCH_SESSION: 'x' })
  hook('other', { hook_event_name: 'Stop' })
  hook('first', { hook_event_name: 'SessionEnd', reason: 'clear' })
  expect(hook('second', { hook_event_name: 'SessionStart' })).toMatchObject({ status: 0, stdout: '', stderr: '' })
  hook('third', { hook_event_name: 'SessionStart' })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { hook: { hook_event_name: string } }).hook.hook_event_name)).toEqual([
    'Stop',
    'SessionEnd',
    'SessionStart',
  ])
})

test("the person's plugin does nothing in a session of orch's", () => {
  const launcher = resolve(script, '../launch.sh')
  const environment = { PATH: process.env['PATH'], HOME: '/nowhere', ORCH_SESSION: 'test.1' }
  for (const [mode = '', ...argv] of [
    ['block', 'claude', 'expansion'],
    ['pass', 'mcp'],
    ['quiet', 'claude', 'prompt'],
    ['wake', 'claude', 'news'],
  ])
    expect(spawnSync('sh', [launcher, mode, ...argv], { env: environment, input: '{', encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
})

function makeScene() {
  const root = join(temporaryFolder(), 'a repo')
  mkdirSync(root)
  const environment = { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_GLOBAL: '/dev/null', ORCH_SESSION: 'test.1' }
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main']
  const git = (...args: string[]) => execFileSync('git', [...author, ...args], { cwd: root, env: environment, encoding: 'utf8' }).trim()
  writeTree(root, { 'README.md': '# x', '.gitignore': '*.env\n.env\n*.log\n.claude/\n', '.worktreeinclude': '.env\n*.env\n' })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'Begin')
  writeTree(root, { '.env': 'KEY=1', 'sub dir/local.env': 'K=2', 'other.log': 'no' })
  const hook = (what: string, fields: object, cwd = root) => {
    // As in a session of orch's, where the person's plugin asks nobody.
    const { status: code, stdout } = spawnSync('sh', [script, what], {
      cwd,
      env: environment,
      input: JSON.stringify({ session_id: 's', cwd, ...fields }),
      encoding: 'utf8',
    })
    return { code, stdout }
  }
  return { root, hook, git }
}
