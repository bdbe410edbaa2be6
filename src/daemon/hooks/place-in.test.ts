import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { placeIn } from './place-in.ts'

test('a path is where writing to it would end', async () => {
  const folder = temporaryFolder()
  const [worktree, outside] = [join(folder, 'wt'), join(folder, 'outside')]
  for (const each of ['src/api', 'src/web']) mkdirSync(join(worktree, each), { recursive: true })
  mkdirSync(outside)
  writeFileSync(join(worktree, 'src/api/users.ts'), '')
  symlinkSync(join(worktree, 'src/api'), join(worktree, 'src/web/api'))
  symlinkSync('../api/new.ts', join(worktree, 'src/web/new.ts'))
  symlinkSync(outside, join(worktree, 'src/out'))
  symlinkSync('loop', join(worktree, 'loop'))
  symlinkSync(worktree, join(folder, 'other name'))
  const found = async (path: string) => placeIn(join(folder, 'other name'), path)
  expect(await found(join(worktree, 'src/web/a.ts'))).toBe('src/web/a.ts')
  expect(await found(join(worktree, 'none/of/these.ts'))).toBe('none/of/these.ts')
  expect(await found(join(worktree, 'src/web/api/users.ts'))).toBe('src/api/users.ts')
  expect(await found(join(worktree, 'src/web/api/more/x.ts'))).toBe('src/api/more/x.ts')
  expect(await found(join(worktree, 'src/web/new.ts'))).toBe('src/api/new.ts')
  expect(await found(join(worktree, 'loop'))).toBe('loop')
  expect(await found(join(worktree, '..a'))).toBe('..a')
  for (const path of [join(worktree, 'src/out/x'), outside, worktree, join(folder, 'wt-2/x'), '/'])
    expect(await found(path), path).toBeUndefined()
})
