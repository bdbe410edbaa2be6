import { expect, test } from 'vitest'
import { join } from 'node:path'
import { temporaryTree } from '../../../test/support/temporary.ts'
import { repositoryOf } from './repository-of.ts'

test('a linked worktree belongs to the main one, also where core.worktree says it', () => {
  const root = temporaryTree({
    'app/.git/HEAD': '',
    'app/src/a.ts': '',
    'app-wt-api/.git': 'gitdir: ../app/.git/worktrees/api\n',
    'apart.git/config': '[core]\n\tworktree = ../apart\n',
    'apart/.git': 'gitdir: ../apart.git\n',
    'apart-wt-api/src/.keep': '',
    'apart-wt-api/.git': 'gitdir: ../apart.git/worktrees/api\n',
    'bare.git/HEAD': '',
    'bare.git/objects/.keep': '',
    'bare.git/refs/.keep': '',
    'bare-wt-api/.git': 'gitdir: ../bare.git/worktrees/api\n',
  })
  const found = (path: string) => repositoryOf(join(root, path))?.slice(root.length + 1)
  expect(['app/src', 'app-wt-api', 'apart', 'apart-wt-api/src', 'bare.git', 'bare-wt-api'].map(found)).toEqual([
    'app',
    'app',
    'apart',
    'apart',
    'bare.git',
    'bare.git',
  ])
})
