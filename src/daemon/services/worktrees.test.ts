import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testGit } from '../../../test/support/adapters/git.ts'
import { makeRepository } from '../../../test/support/repository.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Outbox } from '../board/outbox.ts'
import { Worktrees } from './worktrees.ts'

test('what a new worktree is without is named: uncopied files, a later filter, the guard, a remote out of reach', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  onTestFinished(() => on.remove())
  on.git('config', 'core.hooksPath', '.husky')
  await (await testGit().open(on.root)).installGuard()
  on.git('config', 'filter.later.smudge', 'cat')
  on.git('remote', 'add', 'origin', join(on.folder, 'gone.git'))
  const worktrees = new Worktrees(testGit(), outbox, () => 1, pools, brain)
  const input = taskInput(on.root, join(on.folder, 'wt'))
  const base = await worktrees.base(input)
  expect(base).toMatchObject({
    commit: on.sha('main'),
    note: expect.stringContaining('starts from the local main: origin could not be fetched'),
  })
  const made = await worktrees.ensure(input, base.commit)
  expect(made.lastCommit).toMatchObject({ sha: on.sha('main'), subject: 'First commit' })
  expect(made.notes).toEqual([
    expect.stringContaining('../secret was not copied'),
    expect.stringContaining('the git filter later came into the repository'),
    expect.stringContaining('the guard of other branches is not installed: core.hooksPath is .husky'),
  ])
})

test('a repository without a remote has nothing to tell', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  onTestFinished(() => on.remove())
  expect(await new Worktrees(testGit(), outbox, () => 1, pools, brain).base(taskInput(on.root, join(on.folder, 'wt')))).toEqual({
    commit: on.sha('main'),
  })
})

const brain = { chosenFor: async () => [] }
const outbox = { follow: () => undefined } as unknown as Outbox
const pools = { during: <T>(_input: TaskInput, _commit: string, make: () => Promise<T>) => make() }

function taskInput(repository: string, worktree: string): TaskInput {
  const task = { id: 'a', title: 'a', body: '', needs: [], owns: [] }
  const settings = { copy: ['../secret'] }
  return {
    handle: 'app.a',
    project: 'app',
    repository,
    kind: 'backlog',
    task,
    branch: 'feature/a',
    worktree,
    target: 'main',
    createdAt: 1,
    settings,
  } as unknown as TaskInput
}
