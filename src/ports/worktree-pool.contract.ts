import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Git, PoolRequest, Repository, WorktreeRequest } from './git.ts'

/** Trees that are checked out before a worktree is asked for. */
export function describeWorktreePoolContract(name: string, git: Git): void {
  describe(`worktree pool: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    let pool: string
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'src/b.txt': 'two\n', 'old/c.txt': 'three\n', '.gitignore': '.env\n' } })
      repository = await git.open(on.root)
      pool = join(on.root, '.git/orch/pool')
      await repository.installGuard()
    })
    afterEach(() => on.remove())

    const tend = (more: Partial<PoolRequest> = {}) => repository.tendPool({ size: 1, commit: on.sha('main'), minimumFiles: 1, ...more })
    const ready = () => (existsSync(pool) ? readdirSync(pool) : [])
    const inodeOf = (path: string) => lstatSync(path).ino
    const prepared = (path: string) => join(pool, ready()[0] ?? '', 'tree', path)
    const ensure = (more: Partial<WorktreeRequest> = {}) =>
      repository.ensureWorktree({ path: join(on.folder, 'wt'), branch: 'feature/one', base: on.sha('main'), copy: [], files: {}, ...more })
    const expectClean = (path: string) => {
      expect(on.gitIn(path, 'diff-files')).toBe('')
      expect(on.gitIn(path, 'status', '--porcelain', '--ignored')).toBe('')
    }

    it('keeps as many as it is told to, and nobody sees them', async () => {
      expect([await tend({ size: 3 }), ready().length]).toEqual([3, 3])
      expect([await tend({ size: 2 }), ready().length]).toEqual([2, 2])
      expect(on.git('worktree', 'list').split('\n')).toHaveLength(1)
      expect(await repository.listWorktrees()).toHaveLength(1)
      on.git('worktree', 'prune')
      on.git('gc', '--quiet', '--prune=now')
      expect(on.git('fsck')).toBe('')
      expect(on.git('status', '--porcelain')).toBe('')
      expect(await repository.diagnose()).toEqual([])
      expect([await tend({ size: 0 }), existsSync(pool)]).toEqual([0, false])
    })

    it('makes none where a checkout is as fast, or only some files are wanted', async () => {
      expect([await tend({ minimumFiles: 5 }), ready()]).toEqual([0, []])
      await tend({ minimumFiles: 4 })
      on.git('sparse-checkout', 'set', 'src')
      expect([await tend(), ready()]).toEqual([0, []])
    })

    it('becomes the files of a new worktree, which takes no other time to look at', async () => {
      await tend()
      const inode = inodeOf(prepared('src/b.txt'))
      on.write('.env', 'SECRET=1\n')
      const made = await ensure({ copy: ['.env'], files: { 'TASK.md': 'task' } })
      expect(inodeOf(join(made.path, 'src/b.txt'))).toBe(inode)
      expect([ready(), made.head, made.copied]).toEqual([[], on.sha('main'), ['.env']])
      expect(on.gitIn(made.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/feature/one')
      expect(on.gitIn(made.path, 'diff-files')).toBe('')
      expect(on.gitIn(made.path, 'status', '--porcelain')).toBe('')
      expect(readdirSync(join(on.root, '.git/worktrees/wt')).filter((each) => each.startsWith('orch'))).toEqual(['orch-ready'])
      expect(await ensure({ copy: ['.env'], files: { 'TASK.md': 'task' } })).toEqual(made)
    })

    it('is brought to the commit of the worktree, and leaves nothing else', async () => {
      await tend({ size: 2 })
      on.git('rm', '--quiet', '-r', 'old', 'src')
      const next = on.commit('Second', { 'a.txt': 'changed\n', 'new/d.txt': 'four\n', 'src/b.txt/inner': 'a folder now\n' })
      const made = await ensure()
      expect(made.head).toBe(next)
      expect(readdirSync(made.path).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'new', 'src'])
      expect(readFileSync(join(made.path, 'a.txt'), 'utf8')).toBe('changed\n')
      expectClean(made.path)
      on.git('branch', 'theirs', 'main~1')
      const theirs = await ensure({ path: join(on.folder, 'theirs'), branch: 'theirs', base: on.sha('main~1') })
      expect(readFileSync(join(theirs.path, 'old/c.txt'), 'utf8')).toBe('three\n')
      expectClean(theirs.path)
      expect(ready()).toEqual([])
    })

    it('brings nothing along that somebody put or changed there', async () => {
      await tend()
      for (const file of ['stray.txt', '.env', 'a.txt']) writeFileSync(prepared(file), 'stray')
      rmSync(prepared('old/c.txt'))
      const made = await ensure()
      expect([ready(), readdirSync(made.path).sort()]).toEqual([[], ['.git', '.gitignore', 'a.txt', 'old', 'src']])
      expect(readFileSync(join(made.path, 'a.txt'), 'utf8')).toBe('one\n')
      expectClean(made.path)
    })

    it('is not used when the settings under which files are written have changed', async () => {
      for (const change of [
        () => on.git('config', 'core.autocrlf', 'true'),
        () => writeFileSync(join(on.root, '.git/info/attributes'), '*.txt eol=crlf\n'),
      ]) {
        await tend()
        const before = ready()
        change()
        const made = await ensure({ path: join(on.folder, `wt-${before[0]}`), branch: `feature/${before[0]}` })
        expect(readFileSync(join(made.path, 'a.txt'), 'utf8')).toBe('one\r\n')
        expect(ready()).toEqual(before)
        await tend()
        expect(ready()).toHaveLength(1)
        expect(ready()).not.toEqual(before)
      }
    })

    it('is written by the filters that are known, and not used once another is accepted', async () => {
      on.commit('Filter', { '.gitattributes': '*.txt filter=shout\n' })
      on.git('config', 'filter.shout.smudge', 'tr a-z A-Z')
      await tend()
      expect(readFileSync(prepared('a.txt'), 'utf8')).toBe('one\n')
      const [filter] = await repository.unknownFilters()
      await repository.acceptFilter(filter?.id ?? '')
      expect(readFileSync(join((await ensure()).path, 'a.txt'), 'utf8')).toBe('ONE\n')
      await tend()
      expect(readFileSync(prepared('a.txt'), 'utf8')).toBe('ONE\n')
    })

    it('is left alone where the folder has something in it already', async () => {
      const made = await ensure()
      rmSync(join(on.root, '.git/worktrees/wt/index'))
      rmSync(join(on.root, '.git/worktrees/wt/orch-ready'))
      await tend()
      await ensure()
      expect(ready()).toHaveLength(1)
      expectClean(made.path)
    })

    it('works for a bare repository and one that stores large indexes in two parts', async () => {
      const bare = join(on.folder, 'bare.git')
      on.git('clone', '--quiet', '--bare', on.root, bare)
      on.git('config', 'core.splitIndex', 'true')
      for (const [root, repo] of [
        [bare, await git.open(bare)],
        [join(on.root, '.git'), repository],
      ] as const) {
        expect(await repo.tendPool({ size: 1, commit: on.sha('main'), minimumFiles: 1 })).toBe(1)
        const path = join(on.folder, root === bare ? 'of-bare' : 'of-split')
        const { head } = await repo.ensureWorktree({ path, branch: 'feature/two', base: on.sha('main'), copy: [], files: {} })
        expect([head, readdirSync(join(root, 'orch/pool'))]).toEqual([on.sha('main'), []])
        expectClean(path)
      }
    })

    it('sweeps what killed makers left, and goes with the last worktree', async () => {
      await tend()
      for (const left of ['making-1', 'gone-2']) {
        mkdirSync(join(pool, left, 'tree'), { recursive: true })
        writeFileSync(join(pool, left, 'tree/x'), 'x')
      }
      await tend()
      expect(ready()).toHaveLength(1)
      await repository.removeGuard()
      expect(existsSync(pool)).toBe(false)
    })

    it('gives one tree to one of several that want it', async () => {
      await tend({ size: 3 })
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, at) => ensure({ path: join(on.folder, `wt-${at}`), branch: `feature/${at}` })),
      )
      for (const { path } of made) expectClean(path)
      expect(ready()).toEqual([])
    })

    it('stops making more when it is told to', async () => {
      const enough = new AbortController()
      enough.abort()
      await expect(tend({ signal: enough.signal })).rejects.toThrow()
      expect(ready()).toEqual([])
    })
  })
}
