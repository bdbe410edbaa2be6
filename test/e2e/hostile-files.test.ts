import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { COMMITS, expectHarmless, expectNoTrace, shellAgent } from '../support/fleet/hostile.ts'

/** What the user's checkout holds besides the tracked files; `secret` lies outside of the repository. */
function plant(scene: FleetScene): string {
  const secret = join(dirname(scene.repository), 'secret')
  writeFileSync(secret, 'outside')
  mkdirSync(join(dirname(scene.repository), 'elsewhere'))
  writeFileSync(join(dirname(scene.repository), 'elsewhere', 'key'), 'outside')
  const at = (path: string): string => join(scene.repository, path)
  symlinkSync(secret, at('.env.local'))
  mkdirSync(at('.claude/commands'), { recursive: true })
  writeFileSync(at('.claude/settings.local.json'), '{"kept":true}')
  writeFileSync(at('.claude/commands/own.md'), 'own')
  symlinkSync('settings.local.json', at('.claude/inside'))
  symlinkSync('../../secret', at('.claude/relative'))
  symlinkSync('../../repo/README.md', at('.claude/back'))
  symlinkSync('../../elsewhere', at('.claude/folder'))
  symlinkSync('loop', at('.claude/loop'))
  execFileSync('mkfifo', [at('.claude/pipe')])
  writeFileSync(at('.worktreeinclude'), '../secret\n/../elsewhere/\nlocal/\n!\n\\\n../../\n')
  mkdirSync(at('local'))
  writeFileSync(at('local/-n --upload-pack=x'), 'odd name')
  writeFileSync(at('local/line\nend'), 'odd name')
  writeFileSync(at('.git/info/exclude'), '.env.local\n.claude/\n.worktreeinclude\nlocal/\n')
  return secret
}

fleetTest('only real files of the repository reach a worktree, and none over a tracked one', async ({ fleet }) => {
  const scene = await fleet.begin({
    config: shellAgent(
      COMMITS,
      'validate: "true"\nland: review\ncopy: [".env.local", ".env", ".claude/", "../secret", "/etc/hostname", ".git/config", "-n"]\n',
    ),
    files: { '.env': 'TRACKED=1\n', '.gitignore': '/ignored\n' },
  })
  const secret = plant(scene)
  writeFileSync(join(scene.repository, '.env'), 'TRACKED=mine\n')
  const spawned = await scene.run(['spawn', 'files', 'p', '--json'])
  expect(spawned.code, spawned.stderr).toBe(0)
  await scene.untilStatus(['files'], 'Review')

  const worktree = scene.status('files')?.worktree ?? ''
  const at = (path: string): string => join(worktree, path)
  expect(readFileSync(at('.env'), 'utf8')).toBe('TRACKED=1\n')
  expect(readFileSync(at('.claude/settings.local.json'), 'utf8')).toBe('{"kept":true}')
  expect(readFileSync(at('.claude/commands/own.md'), 'utf8')).toBe('own')
  expect(readFileSync(at('local/line\nend'), 'utf8')).toBe('odd name')
  for (const path of ['.env.local', '.claude/relative', '.claude/back', '.claude/folder', '.claude/pipe', 'secret', 'config']) {
    expect(lstatSync(at(path), { throwIfNoEntry: false }), path).toBeUndefined()
  }
  expect(lstatSync(at('.claude/inside')).isSymbolicLink()).toBe(true)
  expect(await scene.git('-C', worktree, 'status', '--porcelain')).toBe('')
  expect(await scene.git('show', '--name-only', '--format=', 'feature/files')).toBe('repo.files.txt')
  expect(readFileSync(secret, 'utf8')).toBe('outside')
})

fleetTest('links where orch writes its own files are not followed', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent(COMMITS, 'validate: "true"\nland: review\n') })
  const outside = join(dirname(scene.repository), 'outside')
  mkdirSync(outside)
  for (const name of ['TASK.md', 'AGENT_NOTES.md', '.orch'])
    symlinkSync(join(outside, name === '.orch' ? '' : name), join(scene.repository, name))
  await scene.git('add', '-A')
  await scene.git('commit', '-qm', 'Links of those names are tracked')
  await scene.run(['spawn', 'links', 'p'])
  await scene.untilStatus(['links'], 'Failed')
  expect(scene.status('links')?.reason).toContain('.orch is not a folder')
  expect(existsSync(join(outside, 'TASK.md'))).toBe(false)
  expect(existsSync(join(outside, 'inbox'))).toBe(false)
  expect(existsSync(join(outside, 'base'))).toBe(false)
  const list = await scene.run(['list'])
  expectHarmless(list.stdout, 'list')
  expectNoTrace(scene.orch.home)
})
