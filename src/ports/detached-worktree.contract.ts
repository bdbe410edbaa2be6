import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Git, Repository } from './git.ts'

/** Worktrees that are moved from commit to commit, with what commands made in them in between. */
export function describeDetachedWorktreeContract(name: string, git: Git): void {
  describe(`detached worktrees: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    let path: string
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'src/b.txt': 'two\n', '.gitignore': 'node_modules/\n*.log\n/made*\n' } })
      repository = await git.open(on.root)
      path = join(on.folder, 'slot')
      await repository.ensureDetachedWorktree(path, on.sha('main'))
    })
    afterEach(() => on.remove())

    const put = (name_: string, text = 'made') => {
      mkdirSync(dirname(join(path, name_)), { recursive: true })
      writeFileSync(join(path, name_), text)
    }
    const read = (name_: string) => readFileSync(join(path, name_), 'utf8')
    const status = () => on.gitIn(path, 'status', '--porcelain', '--ignored')

    it('leaves nothing of what ran there, ignored or not', async () => {
      for (const made of ['a.txt', 'src/c.txt', 'node_modules/x/y.js', 'out.log', 'new/n.log']) put(made)
      on.gitIn(path, 'init', '--quiet', 'inner')
      on.gitIn(path, 'add', 'src/c.txt')
      await repository.ensureDetachedWorktree(path, on.sha('main'))
      expect(status()).toBe('')
      expect(readdirSync(path).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'src'])
    })

    it('keeps what it is told to, and only that', async () => {
      const special = 'made [a]*?#! \\ü '
      for (const made of [
        'node_modules/x/y.js',
        'pkg/node_modules/z.js',
        'pkg/left.txt',
        'out.log',
        'other.log',
        `${special}/f`,
        'made [a]*?#!',
      ])
        put(made)
      const next = on.commit('Second', { 'src/b.txt': 'more\n' })
      await repository.ensureDetachedWorktree(path, next, { keep: ['node_modules', 'pkg/node_modules', 'out.log', special, 'absent'] })
      expect(readdirSync(path).sort()).toEqual(['.git', '.gitignore', 'a.txt', special, 'node_modules', 'out.log', 'pkg', 'src'].sort())
      expect(readdirSync(join(path, 'pkg'))).toEqual(['node_modules'])
      expect(read('node_modules/x/y.js')).toBe('made')
      expect(read('src/b.txt')).toBe('more\n')
      expect(on.gitIn(path, 'rev-parse', 'HEAD')).toBe(next)
      expect(on.gitIn(path, 'status', '--porcelain')).toBe('')
    })

    it('keeps no link, nothing behind a link, nothing outside, and nothing of git', async () => {
      const outside = join(on.folder, 'outside')
      mkdirSync(join(outside, 'node_modules'), { recursive: true })
      writeFileSync(join(outside, 'node_modules/mine'), 'mine')
      symlinkSync(join(outside, 'node_modules'), join(path, 'node_modules'))
      symlinkSync(outside, join(path, 'madelink'))
      const keep = [
        'node_modules',
        'madelink/node_modules',
        '../outside',
        '/etc',
        '.git',
        '.git/orch',
        '',
        '.',
        'src/../made',
        '-x',
        '--',
        ':(glob)**',
      ]
      await repository.ensureDetachedWorktree(path, on.sha('main'), { keep })
      expect(readdirSync(path).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'src'])
      expect(readFileSync(join(outside, 'node_modules/mine'), 'utf8')).toBe('mine')
    })

    it('keeps nothing that the commit holds something of, or does not ignore', async () => {
      for (const made of ['node_modules/own.js', 'node_modules/held.js', 'out.log']) put(made)
      on.write('node_modules/held.js', 'held')
      on.git('add', '--force', 'node_modules/held.js')
      const holding = on.commit('Hold')
      await repository.ensureDetachedWorktree(path, holding, { keep: ['node_modules', 'out.log'] })
      expect([readdirSync(join(path, 'node_modules')), read('node_modules/held.js'), existsSync(join(path, 'out.log'))]).toEqual([
        ['held.js'],
        'held',
        true,
      ])
      on.git('rm', '--quiet', '-r', '--cached', 'node_modules')
      const showing = on.commit('Show', { '.gitignore': '' })
      await repository.ensureDetachedWorktree(path, showing, { keep: ['node_modules', 'out.log'] })
      expect(on.gitIn(path, 'ls-files', '--others')).toBe('')
      expect(existsSync(join(path, 'out.log'))).toBe(false)
    })

    it('is not deceived by what a command told the index', async () => {
      put('a.txt', 'changed')
      on.gitIn(path, 'update-index', '--assume-unchanged', 'a.txt')
      on.gitIn(path, 'update-index', '--skip-worktree', 'src/b.txt')
      rmSync(join(path, 'src/b.txt'))
      await repository.ensureDetachedWorktree(path, on.sha('main'))
      expect([read('a.txt'), read('src/b.txt')]).toEqual(['one\n', 'two\n'])
      writeFileSync(join(on.git('rev-parse', '--absolute-git-dir'), 'worktrees/slot/index'), 'no index')
      await repository.ensureDetachedWorktree(path, on.sha('main'))
      expect(status()).toBe('')
    })

    it('writes through no link that a folder was replaced by', async () => {
      const outside = join(on.folder, 'outside')
      renameSync(join(path, 'src'), outside)
      symlinkSync(outside, join(path, 'src'))
      const next = on.commit('Second', { 'src/b.txt': 'more\n' })
      for (const commit of [on.sha('main~1'), next]) {
        await repository.ensureDetachedWorktree(path, commit, { keep: ['src'] })
        expect(read('src/b.txt')).toBe(on.git('show', `${commit}:src/b.txt`) + '\n')
      }
      expect(readFileSync(join(outside, 'b.txt'), 'utf8')).toBe('two\n')
      expect(status()).toBe('')
    })

    it('moves no branch that a command switched to there', async () => {
      on.gitIn(path, 'switch', '--quiet', '--create', 'theirs')
      const head = on.commitIn(path, 'Theirs', { 'c.txt': 'c\n' })
      await repository.ensureDetachedWorktree(path, on.sha('main'))
      expect([on.sha('theirs'), on.gitIn(path, 'rev-parse', 'HEAD')]).toEqual([head, on.sha('main')])
      expect(status()).toBe('')
    })

    it('goes on after a git that was killed in it', async () => {
      const admin = join(on.root, '.git/worktrees/slot')
      for (const lock of ['index.lock', 'HEAD.lock', 'orch-index.lock']) writeFileSync(join(admin, lock), 'half')
      rmSync(join(admin, 'orch-index'))
      rmSync(join(path, 'a.txt'))
      put('node_modules/x.js')
      await repository.ensureDetachedWorktree(path, on.sha('main'), { keep: ['node_modules'] })
      expect([read('a.txt'), read('node_modules/x.js'), on.gitIn(path, 'status', '--porcelain')]).toEqual(['one\n', 'made', ''])
    })

    it('lists what is ignored, folders as one path', async () => {
      for (const made of ['node_modules/x/y.js', 'pkg/node_modules/z.js', 'pkg/seen.txt', 'out.log', 'src/b.log', 'made ü/x']) put(made)
      expect((await repository.ignoredPaths(path)).toSorted()).toEqual([
        'made ü',
        'node_modules',
        'out.log',
        'pkg/node_modules',
        'src/b.log',
      ])
      await expect(repository.ignoredPaths(on.folder)).rejects.toMatchObject({ code: 'not-a-worktree' })
    })
  })
}
