import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import { parseSha, type Sha } from '../foundation/brand.ts'
import type { Git, LandRequest, RemovalPlan, Repository, WorktreeRequest } from './git.ts'

/** What every implementation of the git port must do, on real repositories. */
export function describeGitContract(name: string, git: Git): void {
  describe(`git port: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'src/b.txt': 'two\n', '.gitignore': '.env*\n' } })
      repository = await git.open(on.root)
    })
    afterEach(() => on.remove())

    const request = (branch: string, more: Partial<WorktreeRequest> = {}): WorktreeRequest => ({
      path: join(on.folder, `wt-${branch.replaceAll('/', '-')}`),
      branch,
      base: on.sha('main'),
      copy: [],
      files: {},
      ...more,
    })
    const landing = (candidate: Sha, more: Partial<LandRequest> = {}): LandRequest => ({
      target: 'main',
      expected: on.sha('main'),
      candidate,
      allowDirty: [],
      ...more,
    })
    const planOf = async (path: string, branch: string, abandon = false): Promise<RemovalPlan> => {
      const plan = await repository.planRemoval(path, branch, { target: 'main', abandon })
      if (plan.kind === 'refused') throw new Error(plan.detail)
      return plan
    }
    const detachMain = () => on.git('switch', '--quiet', '--detach')

    describe('diffs', () => {
      it('shows what changed between two commits: renames, deletions, binary files, names of any kind', async () => {
        const base = on.commit('More', { 'long.txt': 'a\nb\nc\nd\ne\nf\ng\nh\n', 'old.txt': 'x\ny\nz\n1\n2\n3\n', 'gone.txt': 'bye\n' })
        on.git('mv', 'old.txt', 'ne "w\té.txt')
        rmSync(join(on.root, 'gone.txt'))
        on.write('bin', new Uint8Array([0, 1, 2]))
        const head = on.commit('Change', { 'long.txt': 'a\nb\nc\nD\ne\nf\ng\nh', '-rf': 'odd\n', ':(top)x': 'odd\n' })
        const { text, files, isCut } = await repository.diff(base, head, { contextLines: 1 })
        expect(isCut).toBe(false)
        expect(files).toEqual([
          { path: '-rf', change: 'added', added: 1, removed: 0, isBinary: false },
          { path: ':(top)x', change: 'added', added: 1, removed: 0, isBinary: false },
          { path: 'bin', change: 'added', added: 0, removed: 0, isBinary: true },
          { path: 'gone.txt', change: 'deleted', added: 0, removed: 1, isBinary: false },
          { path: 'long.txt', change: 'modified', added: 2, removed: 2, isBinary: false },
          { path: 'ne "w\té.txt', from: 'old.txt', change: 'renamed', added: 0, removed: 0, isBinary: false },
        ])
        expect(text.match(/^diff --git /gm)).toHaveLength(files.length)
        expect(text).toContain('@@ -3,3 +3,3 @@ b\n c\n-d\n+D\n e\n')
        const one = await repository.diff(base, head, { paths: [':(top)x'] })
        expect(one.files.map(({ path }) => path)).toEqual([':(top)x'])
      })
      it('ends before a file for which there is no room, and still names it', async () => {
        const head = on.commit('Much', { 'a.txt': 'x\n', 'big.txt': 'big\n'.repeat(100_000), 'c.txt': 'y\n' })
        const { text, files, isCut } = await repository.diff(on.sha('main~1'), head, { maxBytes: 1000 })
        expect({ isCut, names: files.map(({ path }) => path) }).toEqual({ isCut: true, names: ['a.txt', 'big.txt', 'c.txt'] })
        expect(text).toMatch(/^diff --git a\/a\.txt b\/a\.txt\n[^]*\+x\n$/)
        expect(text).not.toContain('big.txt')
      })
      it('shows uncommitted work, whatever the attributes say, and leaves nothing behind', async () => {
        const { path } = await repository.ensureWorktree(request('feature/one'))
        expect(await repository.diffUncommitted(path)).toEqual({ text: '', files: [], isCut: false })
        writeFileSync(join(path, '.gitattributes'), '* -diff\n')
        writeFileSync(join(path, 'a.txt'), 'mine\n')
        writeFileSync(join(path, 'new.txt'), 'new\n')
        renameSync(join(path, 'src/b.txt'), join(path, 'src/c.txt'))
        const before = [on.git('count-objects', '-v'), on.gitIn(path, 'status', '--porcelain')]
        const { text, files } = await repository.diffUncommitted(path)
        expect(files.map((file) => [file.path, file.from, file.change])).toEqual([
          ['.gitattributes', undefined, 'added'],
          ['a.txt', undefined, 'modified'],
          ['new.txt', undefined, 'added'],
          ['src/c.txt', 'src/b.txt', 'renamed'],
        ])
        expect(text).toContain('-one\n+mine\n')
        expect([on.git('count-objects', '-v'), on.gitIn(path, 'status', '--porcelain')]).toEqual(before)
        await expect(repository.diffUncommitted(on.folder)).rejects.toMatchObject({ code: 'not-a-worktree' })
      })
    })

    describe('opening', () => {
      it('opens the same repository from its root, a folder in it and a linked worktree', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        for (const path of [join(on.root, 'src'), made.path])
          expect(await git.open(path)).toMatchObject({ root: on.root, commonDir: join(on.root, '.git') })
      })
      it('refuses a folder in no repository, and a missing one', async () => {
        await expect(git.open(on.folder)).rejects.toMatchObject({ code: 'not-a-repository' })
        await expect(git.open(join(on.folder, 'missing'))).rejects.toMatchObject({ code: 'not-a-repository' })
      })
      it('finds what killed processes left, and nothing else', async () => {
        const made = await repository.ensureWorktree(request('feature/lost'))
        expect(await repository.diagnose()).toEqual([])
        rmSync(made.path, { recursive: true })
        mkdirSync(join(on.root, '.git', 'worktrees', 'half'), { recursive: true })
        for (const [name, at] of [
          ['index.lock', 1],
          ['config.lock', Date.now() / 1000],
        ] as const) {
          writeFileSync(join(on.root, '.git', name), '')
          utimesSync(join(on.root, '.git', name), at, at)
        }
        expect((await repository.diagnose()).map(({ kind, path }) => [kind, path])).toEqual([
          ['stale-lock', join(on.root, '.git', 'index.lock')],
          ['half-made-worktree', join(on.root, '.git', 'worktrees', 'half')],
          ['lost-worktree', made.path],
        ])
      })
      it('reads refs that are loose, packed, both, symbolic, or not there', async () => {
        const first = on.sha('main')
        on.git('pack-refs', '--all')
        expect(await repository.targetTip('main')).toEqual({ commit: first, isWaiting: false })
        const second = on.commit('Second')
        on.git('branch', 'packed', first)
        on.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main')
        expect(await repository.targetTip('main')).toEqual({ commit: second, isWaiting: false })
        expect(await repository.targetTip('packed')).toEqual({ commit: first, isWaiting: false })
        expect(await repository.targetTip('alias')).toEqual({ commit: second, isWaiting: false })
        for (const name of ['acked', 'packed/x', 'none'])
          await expect(repository.targetTip(name)).rejects.toMatchObject({ code: 'no-such-commit' })
      })
      it('describes an unborn, a bare and a detached repository', async () => {
        const unborn = makeRepository()
        const bare = makeRepository({ bare: true, name: 'bare.git' })
        try {
          expect(await (await git.open(unborn.root)).describe()).toMatchObject({ isUnborn: true, isBare: false, headBranch: 'main' })
          await expect((await git.open(unborn.root)).freshBase('main')).rejects.toMatchObject({ code: 'unborn' })
          expect(await (await git.open(bare.root)).describe()).toMatchObject({ isBare: true })
          detachMain()
          const facts = await repository.describe()
          expect(facts).toMatchObject({
            isUnborn: false,
            defaultBranch: 'main',
            identity: 'present',
            hasSubmodules: false,
            isShallow: false,
          })
          expect(facts.headBranch).toBeUndefined()
        } finally {
          unborn.remove()
          bare.remove()
        }
      })
    })

    describe('the base', () => {
      it('is local without a remote, which is no trouble to tell of', async () => {
        expect(await repository.freshBase('main')).toEqual({ commit: on.sha('main'), isFetched: false })
      })
      it('is fetched, and falls back to the local commit when the remote is away', async () => {
        const clone = join(on.folder, 'clone')
        on.git('clone', '--quiet', on.root, clone)
        const next = on.commit('Second', { 'a.txt': 'more\n' })
        const opened = await git.open(clone)
        expect(await opened.freshBase('main')).toEqual({ commit: next, isFetched: true })
        on.gitIn(clone, 'remote', 'set-url', 'origin', join(on.folder, 'gone'))
        expect(await opened.freshBase('main')).toMatchObject({ isFetched: false, reason: expect.stringContaining('origin') })
      })
      it('works in a shallow clone', async () => {
        on.commit('Second', { 'a.txt': 'more\n' })
        const clone = join(on.folder, 'shallow')
        on.git('clone', '--quiet', '--depth=1', `file://${on.root}`, clone)
        const opened = await git.open(clone)
        expect((await opened.describe()).isShallow).toBe(true)
        const base = (await opened.freshBase('main')).commit
        const made = await opened.ensureWorktree({ ...request('feature/one'), base })
        const head = on.commitIn(made.path, 'Work', { 'c.txt': 'c\n' })
        expect(await opened.forecastMerge(base, head)).toMatchObject({ kind: 'clean' })
        expect((await opened.inspectWorktree(made.path)).uncommitted).toEqual([])
      })
    })

    describe('worktrees', () => {
      it('makes one, answers the same when asked again, and lists it', async () => {
        on.write('a.txt', 'dirty main checkout\n')
        const first = await repository.ensureWorktree(request('feature/one'))
        expect(first.head).toBe(on.sha('main'))
        expect(readFileSync(join(first.path, 'a.txt'), 'utf8')).toBe('one\n')
        expect(await repository.ensureWorktree(request('feature/one'))).toEqual(first)
        const listed = await repository.listWorktrees()
        expect(listed).toHaveLength(2)
        expect(listed[1]).toMatchObject({ path: first.path, branch: 'feature/one', head: first.head, isMain: false, isPrunable: false })
        expect(() => on.git('config', '--get', 'branch.feature/one.merge')).toThrow()
      })
      it('accepts a branch that holds the base, refuses one that does not, and one checked out elsewhere', async () => {
        const base = on.sha('main')
        on.git('branch', 'ahead')
        const next = on.commit('Second', { 'a.txt': 'more\n' })
        expect((await repository.ensureWorktree(request('ahead', { base }))).head).toBe(base)
        on.git('branch', 'behind', base)
        await expect(repository.ensureWorktree(request('behind', { base: next }))).rejects.toMatchObject({ code: 'branch-taken' })
        await expect(repository.ensureWorktree(request('main'))).rejects.toMatchObject({ code: 'branch-taken' })
        await expect(repository.ensureWorktree(request('ahead/x'))).rejects.toMatchObject({ code: 'branch-taken' })
      })
      it('refuses a path with something in it', async () => {
        const wanted = request('feature/one')
        mkdirSync(wanted.path)
        writeFileSync(join(wanted.path, 'mine'), 'mine')
        await expect(repository.ensureWorktree(wanted)).rejects.toMatchObject({ code: 'path-taken' })
        expect(readdirSync(wanted.path)).toEqual(['mine'])
      })
      it('makes it again when its folder was deleted by hand', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const plan = await planOf(made.path, 'feature/one')
        await repository.removeWorktree(plan, join(on.folder, 'trash'))
        const again = await repository.ensureWorktree(request('feature/one'))
        rmSync(again.path, { recursive: true })
        expect((await repository.ensureWorktree(request('feature/one'))).head).toBe(on.sha('main'))
      })
      it('works beside a bare repository and says what it could not copy', async () => {
        const bare = join(on.folder, 'bare.git')
        on.git('clone', '--quiet', '--bare', on.root, bare)
        const made = await (await git.open(bare)).ensureWorktree(request('feature/one', { copy: ['.env'] }))
        expect(existsSync(join(made.path, 'src/b.txt'))).toBe(true)
        expect(made.skipped).toEqual([{ path: '.env', reason: expect.stringContaining('bare') }])
      })
      it('leaves submodules empty and says so', async () => {
        const other = makeRepository({ files: { 'x.txt': 'x\n' } })
        try {
          on.git('submodule', '--quiet', 'add', other.root, 'lib')
          on.commit('Add a submodule')
          const made = await repository.ensureWorktree(request('feature/one'))
          expect(made.notes).toEqual([expect.stringContaining('submodules')])
          expect((await repository.inspectWorktree(made.path)).uncommitted).toEqual([])
          expect((await repository.describe()).hasSubmodules).toBe(true)
        } finally {
          other.remove()
        }
      })
      it('makes and moves a detached one that is clean', async () => {
        const path = join(on.folder, 'candidate')
        await repository.ensureDetachedWorktree(path, on.sha('main'))
        writeFileSync(join(path, 'a.txt'), 'dirt')
        writeFileSync(join(path, 'left'), 'over')
        const next = on.commit('Second', { 'a.txt': 'more\n' })
        await repository.ensureDetachedWorktree(path, next)
        expect(on.gitIn(path, 'rev-parse', 'HEAD')).toBe(next)
        expect(on.gitIn(path, 'status', '--porcelain')).toBe('')
      })
      it('takes a detached one away, again and again, and no other', async () => {
        const path = join(on.folder, 'candidate')
        await repository.ensureDetachedWorktree(path, on.sha('main'))
        await repository.removeDetachedWorktree(path)
        await repository.removeDetachedWorktree(path)
        expect(existsSync(path)).toBe(false)
        expect(await repository.listWorktrees()).toHaveLength(1)
        const { path: other } = await repository.ensureWorktree(request('feature/one'))
        await expect(repository.removeDetachedWorktree(other)).rejects.toMatchObject({ code: 'path-taken' })
        expect(existsSync(other)).toBe(true)
      })
    })

    describe('hostile names', () => {
      const refused = [
        '',
        '-b',
        '--force',
        '--upload-pack=touch x',
        'a b',
        'a..b',
        '@{-1}',
        'a@{1}',
        'x.lock',
        'x.lock/y',
        'refs/heads/x',
        'HEAD',
        '@',
        '.hidden',
        'a//b',
        '/a',
        'a/',
        'a.',
        'a~1',
        'a^',
        'a:b',
        'a?',
        'a*',
        'a[',
        'a\\b',
        'a\u0007',
        'é\ud800',
        'b'.repeat(241),
      ]
      it.each(refused)('refuses %j as a branch', async (branch) => {
        await expect(repository.ensureWorktree({ ...request('x'), branch })).rejects.toMatchObject({ code: 'bad-branch-name' })
        expect(await repository.listWorktrees()).toHaveLength(1)
      })
      const accepted = ['fünf/中文', `long/${'n'.repeat(200)}`, "quo'te", 'a$(id)', 'a;b', 'a"b', 'a`b`', '#1', 'a-', 'emoji/🙂']
      it.each(accepted)('takes %j as a branch', async (branch) => {
        const made = await repository.ensureWorktree({ ...request('x'), branch })
        expect(on.gitIn(made.path, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`)
        expect((await repository.inspectWorktree(made.path)).branch).toBe(branch)
      })
      it.each(['with space', '-dash', '--force', 'ünïcode', 'n'.repeat(200), '$(touch x)', 'quo"te'])(
        'takes %j as the folder',
        async (folder) => {
          const path = join(on.folder, folder)
          const made = await repository.ensureWorktree(request('feature/one', { path, files: { 'TASK.md': 'x' } }))
          writeFileSync(join(path, 'new.txt'), 'x')
          expect((await repository.inspectWorktree(path)).uncommitted).toEqual(['new.txt'])
          expect(await repository.backupWorktree(path, 'one')).toBeDefined()
          expect((await repository.listWorktrees())[1]?.path).toBe(made.path)
        },
      )
      it('refuses a path that is relative or has a line end', async () => {
        for (const path of ['relative', join(on.folder, 'a\nb')])
          await expect(repository.ensureWorktree(request('x', { path }))).rejects.toMatchObject({ code: 'bad-path' })
      })
    })

    describe('copied and written files', () => {
      it('copies what is untracked, keeps modes, and says why it skipped the rest', async () => {
        on.commit('Track', { '.claude/tracked.md': 'tracked\n', '.worktreeinclude': 'local/*.key\n!local/no.key\n' })
        on.write('.env', 'SECRET=1\n')
        on.write('.claude/settings.local.json', '{}')
        on.write('local/yes.key', 'k')
        on.write('local/no.key', 'k')
        chmodSync(join(on.root, '.env'), 0o600)
        writeFileSync(join(on.folder, 'outside'), 'outside')
        symlinkSync(join(on.folder, 'outside'), join(on.root, '.env.local'))
        symlinkSync('../outside', join(on.root, '.env.up'))
        symlinkSync('.env', join(on.root, '.env.same'))
        const copy = ['.env', '.env.local', '.env.up', '.env.same', '.claude/', '../outside', '/etc/passwd', '.git/config', 'missing']
        const made = await repository.ensureWorktree(request('feature/one', { copy }))
        expect([...made.copied].sort()).toEqual(['.claude/settings.local.json', '.env', '.env.same', 'local/yes.key'])
        expect(made.skipped.map((skip) => skip.path).sort()).toEqual(['../outside', '.env.local', '.env.up', '.git/config', '/etc/passwd'])
        expect(lstatSync(join(made.path, '.env')).mode & 0o777).toBe(0o600)
        expect(existsSync(join(made.path, 'local/no.key'))).toBe(false)
        expect(existsSync(join(made.path, '.env.local'))).toBe(false)
        writeFileSync(join(made.path, '.env'), 'changed')
        expect(readFileSync(join(on.root, '.env'), 'utf8')).toBe('SECRET=1\n')
      })
      it('never writes over a tracked file or through a tracked link', async () => {
        mkdirSync(join(on.folder, 'elsewhere'))
        symlinkSync('../elsewhere', join(on.root, 'conf'))
        on.commit('Track', { '.worktreeinclude': '', 'CLAUDE.md': 'mine\n' })
        const base = on.sha('main')
        on.git('rm', '--quiet', '--cached', 'conf')
        on.git('commit', '--quiet', '-m', 'Untrack')
        unlinkSync(join(on.root, 'conf'))
        on.write('conf/secret', 's')
        const made = await repository.ensureWorktree(
          request('feature/one', { base, copy: ['conf'], files: { 'CLAUDE.md': 'theirs', 'conf/x': 'x', '../out.md': 'x' } }),
        )
        expect(made.skipped).toEqual([{ path: 'conf/secret', reason: expect.any(String) }])
        expect(readFileSync(join(made.path, 'CLAUDE.md'), 'utf8')).toBe('mine\n')
        expect(readdirSync(join(on.folder, 'elsewhere'))).toEqual([])
        expect(existsSync(join(on.folder, 'out.md'))).toBe(false)
      })
      it("hides its own names from git add, keeps the user's lines, and leaves other names alone", async () => {
        on.write('.git/info/exclude', '# mine\n*.log')
        on.write('secrets [1].txt', 's')
        const files = { 'TASK.md': 'task', 'AGENT_NOTES.md': 'notes', 'CLAUDE.md': 'blueprint' }
        const made = await repository.ensureWorktree(request('feature/one', { copy: ['secrets [1].txt'], files }))
        await repository.ensureWorktree(request('feature/two', { files }))
        on.gitIn(made.path, 'add', '--all')
        expect(on.gitIn(made.path, 'status', '--porcelain')).toBe('')
        const text = readFileSync(join(on.root, '.git/info/exclude'), 'utf8')
        expect(text.startsWith('# mine\n*.log\n')).toBe(true)
        expect(text.split('\n').filter((line) => line === '/TASK.md')).toHaveLength(1)
        on.write('sub/TASK.md', 'a user file')
        on.write('secrets 1.txt', 'another')
        expect(on.git('status', '--porcelain', '-uall')).toBe('?? "secrets 1.txt"\n?? sub/TASK.md')
      })
      it('leaves what a session learned out of its branch, unless the repository keeps its own in git', async () => {
        const learn = async (name: string): Promise<string> => {
          const { path } = await repository.ensureWorktree(request(name, { base: on.sha('main') }))
          mkdirSync(join(path, '.planning/brain'), { recursive: true })
          writeFileSync(join(path, '.planning/brain/new.md'), 'learned')
          return on.gitIn(path, 'status', '--porcelain', '-uall')
        }
        on.commit('Keep a brain', { '.planning/brain/old.md': 'known' })
        expect(await learn('feature/one')).toBe('?? .planning/brain/new.md')
        on.git('rm', '--quiet', '-r', '.planning')
        on.git('commit', '--quiet', '-m', 'No brain')
        expect(await learn('feature/two')).toBe('')
        expect((await repository.inspectWorktree(join(on.folder, 'wt-feature-two'))).uncommitted).toEqual([])
      })
    })

    describe('state and backups', () => {
      it('tells head, branch, last commit, uncommitted work and the operation', async () => {
        const made = await repository.ensureWorktree(request('feature/one', { files: { 'TASK.md': 'x' } }))
        const head = on.commitIn(made.path, 'Work\n\nbody text', { 'a.txt': 'theirs\n' })
        writeFileSync(join(made.path, 'src/b.txt'), 'changed')
        writeFileSync(join(made.path, 'nëw "file".txt'), 'new')
        expect(await repository.inspectWorktree(made.path)).toMatchObject({
          head,
          branch: 'feature/one',
          uncommitted: ['nëw "file".txt', 'src/b.txt'],
          lastCommit: { sha: head, subject: 'Work', body: 'body text', author: 'Test Person <test@example.com>' },
        })
        on.gitIn(made.path, 'stash', '--quiet', '--include-untracked')
        on.commit('Ours', { 'a.txt': 'ours\n' })
        expect(() => on.gitIn(made.path, 'merge', 'main')).toThrow()
        expect(await repository.inspectWorktree(made.path)).toMatchObject({ operation: 'merge', uncommitted: ['a.txt'] })
      })
      it('backs up exactly what is on disk and touches neither index nor files', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const at = (path: string) => join(made.path, path)
        writeFileSync(at('a.txt'), 'staged\n')
        on.gitIn(made.path, 'add', 'a.txt')
        writeFileSync(at('a.txt'), 'on disk\r\n')
        on.gitIn(made.path, 'rm', '--quiet', 'src/b.txt')
        writeFileSync(at('src'), 'a file now')
        writeFileSync(at('run.sh'), '#!/bin/sh\n')
        chmodSync(at('run.sh'), 0o755)
        symlinkSync('nowhere', at('link'))
        writeFileSync(Buffer.concat([Buffer.from(`${made.path}/`), Buffer.from([0xff, 0xfe])]), 'odd name')
        writeFileSync(at('line\nend'), 'odd')
        const before = on.gitIn(made.path, 'status', '--porcelain', '-z')
        const index = readFileSync(join(on.root, '.git/worktrees/wt-feature-one/index'))
        const backup = await repository.backupWorktree(made.path, 'task.1')
        expect(backup).toMatchObject({ ref: 'refs/orch/backup/task.1' })
        const rev = backup?.commit ?? ''
        expect(on.git('cat-file', 'blob', `${rev}:a.txt`)).toBe('on disk')
        expect(on.git('cat-file', 'blob', `${rev}^2:a.txt`)).toBe('staged')
        expect(
          on
            .git('ls-tree', '-r', '-z', rev)
            .split('\0')
            .map((line) => line.replace(/ blob \w+\t/, ' ')),
        ).toEqual(expect.arrayContaining(['100755 run.sh', '120000 link', '100644 src', '100644 line\nend']))
        expect(on.git('ls-tree', '-r', rev)).toContain('"\\377\\376"')
        expect(on.gitIn(made.path, 'status', '--porcelain', '-z')).toBe(before)
        expect(readFileSync(join(on.root, '.git/worktrees/wt-feature-one/index')).equals(index)).toBe(true)
        expect(on.sha(`${rev}^1`)).toBe(on.sha('main'))
      })
      it('answers undefined when there is nothing, and sees work hidden by "assume unchanged"', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        expect(await repository.backupWorktree(made.path, 'one')).toBeUndefined()
        on.gitIn(made.path, 'update-index', '--assume-unchanged', 'a.txt')
        on.gitIn(made.path, 'update-index', '--skip-worktree', 'src/b.txt')
        writeFileSync(join(made.path, 'a.txt'), 'hidden')
        writeFileSync(join(made.path, 'src/b.txt'), 'hidden')
        expect((await repository.inspectWorktree(made.path)).uncommitted).toEqual(['a.txt', 'src/b.txt'])
      })
    })

    describe('removal', () => {
      it('refuses unmerged work, plans merged work, moves it to the trash, and deletes the branch', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const head = on.commitIn(made.path, 'Work', { 'c.txt': 'c\n' })
        expect(await repository.planRemoval(made.path, 'feature/one', { target: 'main', abandon: false })).toMatchObject({
          kind: 'refused',
          reason: 'not-merged',
        })
        await expect(repository.deleteBranch('feature/one', head)).rejects.toMatchObject({ code: 'branch-in-use' })
        on.git('merge', '--quiet', '--ff-only', 'feature/one')
        writeFileSync(join(made.path, 'left.txt'), 'x')
        const plan = await planOf(made.path, 'feature/one')
        expect(plan).toMatchObject({ isMerged: true, keptBy: 'refs/heads/main', uncommitted: ['left.txt'], head })
        const trashed = await repository.removeWorktree(plan, join(on.folder, 'trash'))
        expect(readFileSync(join(trashed ?? '', 'left.txt'), 'utf8')).toBe('x')
        expect(await repository.removeWorktree(plan, join(on.folder, 'trash'))).toBeUndefined()
        expect(await repository.listWorktrees()).toHaveLength(1)
        await repository.deleteBranch('feature/one', head)
        await repository.deleteBranch('feature/one', head)
        expect(await repository.resolve('feature/one')).toBeUndefined()
      })
      it('creates a branch once, and never over another', async () => {
        const base = await repository.targetTip('main')
        await repository.createBranch('made', base.commit)
        await repository.createBranch('made', base.commit)
        expect(await repository.resolve('made')).toBe(base.commit)
        const other = on.commitIn(repository.root, 'More', { 'c.txt': 'c\n' })
        await expect(repository.createBranch('made', other)).rejects.toMatchObject({ code: 'branch-taken' })
        await expect(repository.createBranch('--bad', other)).rejects.toMatchObject({ code: 'bad-branch-name' })
      })
      it('keeps the branch of abandoned work', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const head = on.commitIn(made.path, 'Work', { 'c.txt': 'c\n' })
        writeFileSync(join(made.path, 'left.txt'), 'x')
        expect(await repository.backupWorktree(made.path, 'one')).toBeDefined()
        const plan = await planOf(made.path, 'feature/one', true)
        expect(plan).toMatchObject({ isMerged: false, keptBy: 'refs/heads/feature/one' })
        await repository.removeWorktree(plan, join(on.folder, 'trash'))
        await expect(repository.deleteBranch('feature/one', head)).rejects.toMatchObject({ code: 'not-merged' })
        expect(await repository.resolve('feature/one')).toBe(head)
        await expect(repository.deleteBranch('feature/one', on.sha('main'), { isRemade: true })).rejects.toMatchObject({
          code: 'ref-moved',
        })
        await repository.deleteBranch('feature/one', head, { isRemade: true })
        expect(await repository.resolve('feature/one')).toBeUndefined()
      })
      it('does not remove what changed after the plan', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const plan = await planOf(made.path, 'feature/one')
        writeFileSync(join(made.path, 'new.txt'), 'x')
        await expect(repository.removeWorktree(plan, join(on.folder, 'trash'))).rejects.toMatchObject({ code: 'worktree-changed' })
        expect(existsSync(made.path)).toBe(true)
      })
      it('completes a removal that was killed after the rename', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const plan = await planOf(made.path, 'feature/one')
        renameSync(made.path, join(on.folder, 'trashed'))
        expect(await repository.removeWorktree(plan, join(on.folder, 'trash'))).toBeUndefined()
        expect(await repository.listWorktrees()).toHaveLength(1)
      })
      it('refuses the main worktree, another branch, a running merge and a repository inside', async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const reason = async (path: string, branch: string) => {
          const plan = await repository.planRemoval(path, branch, { target: 'main', abandon: false })
          return plan.kind === 'refused' ? plan.reason : plan
        }
        expect(await reason(on.root, 'main')).toBe('not-a-linked-worktree')
        expect(await reason(on.folder, 'main')).toBe('not-a-linked-worktree')
        expect(await reason(made.path, 'feature/two')).toBe('branch-mismatch')
        on.gitIn(made.path, 'init', '--quiet', 'inner')
        on.gitIn(join(made.path, 'inner'), 'commit', '--quiet', '--allow-empty', '-m', 'inner')
        expect(await reason(made.path, 'feature/one')).toBe('nested-repository')
      })
      it('deletes a remote branch only at the expected commit', async () => {
        const remote = join(on.folder, 'remote.git')
        on.git('clone', '--quiet', '--bare', on.root, remote)
        on.git('remote', 'add', 'origin', remote)
        on.git('push', '--quiet', 'origin', 'main:feature/one')
        const head = on.sha('main')
        const next = on.commit('Second', { 'a.txt': 'x\n' })
        await expect(repository.deleteRemoteBranch('origin', 'feature/one', next)).rejects.toMatchObject({ code: 'ref-moved' })
        expect(await repository.deleteRemoteBranch('origin', 'feature/one', head)).toBe('deleted')
        expect(await repository.deleteRemoteBranch('origin', 'feature/one', head)).toBe('absent')
      })
    })

    describe('candidates', () => {
      const diverge = async (mine: Record<string, string>, theirs: Record<string, string>) => {
        const made = await repository.ensureWorktree(request('feature/one'))
        const head = on.commitIn(made.path, 'Work', theirs)
        const target = on.commit('Ours', mine)
        return { head, target }
      }
      it('forecasts clean, conflicting and merged, and leaves no object behind', async () => {
        const { head, target } = await diverge({ 'a.txt': 'ours\n' }, { 'a.txt': 'theirs\n', 'c.txt': 'c\n' })
        const before = on.git('count-objects')
        expect(await repository.forecastMerge(target, head)).toEqual({ kind: 'conflicts', files: ['a.txt'] })
        expect(await repository.forecastMerge(target, on.sha('main~1'))).toEqual({ kind: 'already-merged' })
        expect(await repository.buildCandidate({ target, head, strategy: 'merge', message: 'm', trailers: {}, edits: {}, at: 0 })).toEqual({
          conflicts: ['a.txt'],
        })
        expect(on.git('count-objects')).toBe(before)
      })
      it('builds the same commit twice, with trailers and edits', async () => {
        const { head, target } = await diverge({ 'a.txt': 'ours\n' }, { 'c.txt': 'c\n' })
        const wanted = {
          target,
          head,
          strategy: 'merge' as const,
          message: 'Land\n\nWhy',
          trailers: { 'Orch-Task': 't1', 'Orch-Note': 'two\nlines' },
          edits: { 'tasks.md': Buffer.from('- [x] t1\n') },
          at: 1_700_000_000_000,
        }
        const built = await repository.buildCandidate(wanted)
        expect(await repository.buildCandidate(wanted)).toEqual(built)
        if (!('commit' in built)) throw new Error('conflicts')
        expect(on.git('show', '--no-patch', '--format=%P|%ct|%s|%(trailers:only,unfold)', built.commit)).toBe(
          `${target} ${head}|1700000000|Land|Orch-Task: t1\nOrch-Note: two lines`,
        )
        expect(on.git('ls-tree', '--name-only', '-r', built.commit).split('\n')).toEqual([
          '.gitignore',
          'a.txt',
          'c.txt',
          'src/b.txt',
          'tasks.md',
        ])
        expect(Buffer.from((await repository.readFile(built.commit, 'tasks.md')) ?? []).toString()).toBe('- [x] t1\n')
        expect((await repository.listFiles(built.commit)).map(({ path, blob }) => `${blob} ${path}`)).toEqual(
          on.git('ls-tree', '-r', '--format=%(objectname) %(path)', built.commit).split('\n'),
        )
        expect(await repository.readFile(built.commit, 'nope')).toBeUndefined()
        expect(on.git('rev-parse', `${built.commit}^{tree}`)).toBe(built.tree)
        on.git('fsck', '--strict')
      })
      it('edits a file in a folder, keeps its mode and its neighbours, and makes one that is not there', async () => {
        on.write('docs/ü list.sh', 'old\n')
        chmodSync(join(on.root, 'docs/ü list.sh'), 0o755)
        const target = on.commit('Docs', { 'docs/other.md': 'other\n' })
        const files = { 'docs/ü list.sh': 'new\n', 'new/deep/file.md': 'made\n' }
        const edits = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))
        const built = await repository.buildCandidate({ target, head: target, strategy: 'merge', message: 'm', trailers: {}, edits, at: 0 })
        if (!('commit' in built)) throw new Error('conflicts')
        expect(on.git('-c', 'core.quotePath=false', 'diff-tree', '-r', '--raw', '--abbrev=1', target, built.commit).split('\n')).toEqual([
          expect.stringMatching(/^:100755 100755 \S+ \S+ M\tdocs\/ü list\.sh$/),
          expect.stringMatching(/^:000000 100644 \S+ \S+ A\tnew\/deep\/file\.md$/),
        ])
        for (const [path, text] of Object.entries(files))
          expect(Buffer.from((await repository.readFile(built.commit, path)) ?? []).toString()).toBe(text)
        on.git('fsck', '--strict')
      })
      it('refuses unrelated histories', async () => {
        const other = parseSha(on.git('commit-tree', '-m', 'orphan', on.git('rev-parse', 'main^{tree}')))
        if (other === undefined) throw new Error('no commit')
        await expect(repository.forecastMerge(on.sha('main'), other)).rejects.toMatchObject({ code: 'unrelated-histories' })
      })
    })

    describe('landing', () => {
      const work = async (files: Record<string, string>) => {
        const made = await repository.ensureWorktree(request('feature/one'))
        return on.commitIn(made.path, 'Work', files)
      }
      it('moves a target that nobody has checked out, once', async () => {
        detachMain()
        const head = await work({ 'c.txt': 'c\n' })
        const wanted = landing(head)
        expect(await repository.land(wanted)).toEqual({ kind: 'landed', commit: head })
        expect(await repository.land(wanted)).toEqual({ kind: 'landed', commit: head })
        expect(on.sha('main')).toBe(head)
      })
      it('says where the target is when it has moved', async () => {
        const head = await work({ 'c.txt': 'c\n' })
        const expected = on.sha('main')
        const found = on.commit('Ours', { 'a.txt': 'x\n' })
        expect(await repository.land(landing(head, { expected }))).toEqual({ kind: 'target-moved', found })
      })
      it('moves a clean checkout with it: new, changed, removed, executable, linked, file to folder and back', async () => {
        on.commit('More', { 'gone/deep/x.txt': 'x\n', 'file-to-folder': 'f\n', 'folder-to-file/x': 'x\n' })
        on.write('untracked.txt', 'mine')
        const made = await repository.ensureWorktree(request('feature/one'))
        const at = (path: string) => join(made.path, path)
        for (const path of ['gone', 'file-to-folder', 'folder-to-file']) rmSync(at(path), { recursive: true })
        mkdirSync(at('file-to-folder'))
        writeFileSync(at('file-to-folder/y'), 'y\n')
        writeFileSync(at('folder-to-file'), 'now a file\n')
        writeFileSync(at('run.sh'), '#!/bin/sh\n')
        chmodSync(at('run.sh'), 0o755)
        symlinkSync('a.txt', at('link'))
        const head = on.commitIn(made.path, 'Work', { 'a.txt': 'changed\n', 'new/deep/n.txt': 'n\n' })
        expect(await repository.land(landing(head))).toEqual({ kind: 'landed', commit: head })
        expect(on.git('status', '--porcelain')).toBe('?? untracked.txt')
        expect(on.sha('main')).toBe(head)
        expect(existsSync(join(on.root, 'gone'))).toBe(false)
        expect(lstatSync(join(on.root, 'run.sh')).mode & 0o100).toBe(0o100)
        expect(on.git('reflog', 'show', '--format=%gs', '-1', 'HEAD')).toBe('orch: land')
        expect(existsSync(join(on.root, '.git/index.lock'))).toBe(false)
      })
      it('waits while the checkout is dirty, and follows when it is clean', async () => {
        const head = await work({ 'c.txt': 'c\n' })
        on.write('a.txt', 'my edit\n')
        const outcome = await repository.land(landing(head))
        expect(outcome).toEqual({ kind: 'waiting', ref: 'refs/orch/landing/main', checkout: on.root, dirty: ['a.txt'] })
        expect(await repository.land(landing(head))).toEqual(outcome)
        expect(await repository.targetTip('main')).toEqual({ commit: head, isWaiting: true })
        expect(existsSync(join(on.root, 'c.txt'))).toBe(false)
        expect(await repository.landWaiting('main', ['a.txt'])).toEqual({ kind: 'landed', commit: head })
        expect(readFileSync(join(on.root, 'a.txt'), 'utf8')).toBe('my edit\n')
        expect(on.git('status', '--porcelain')).toBe('M a.txt')
        expect(await repository.targetTip('main')).toEqual({ commit: head, isWaiting: false })
        expect(await repository.landWaiting('main', [])).toBeUndefined()
      })
      it('piles further work on a waiting landing', async () => {
        const head = await work({ 'c.txt': 'c\n' })
        on.write('a.txt', 'my edit\n')
        await repository.land(landing(head))
        const second = await repository.ensureWorktree(request('feature/two', { base: head }))
        const next = on.commitIn(second.path, 'More', { 'd.txt': 'd\n' })
        expect(await repository.land(landing(next))).toEqual({ kind: 'target-moved', found: head })
        expect(await repository.land(landing(next, { expected: head }))).toMatchObject({ kind: 'waiting' })
        on.git('checkout', '--quiet', 'a.txt')
        expect(await repository.land(landing(next, { expected: head }))).toEqual({ kind: 'landed', commit: next })
        expect(on.git('status', '--porcelain')).toBe('')
      })
      it('gives up what waits, with all that was built upon it, and not what has landed', async () => {
        const head = await work({ 'c.txt': 'c\n' })
        const before = on.sha('main')
        on.write('a.txt', 'my edit\n')
        await repository.land(landing(head))
        await repository.dropWaiting('main', before)
        expect(await repository.targetTip('main')).toEqual({ commit: head, isWaiting: true })
        await repository.dropWaiting('main', head)
        await repository.dropWaiting('main', head)
        expect(await repository.targetTip('main')).toEqual({ commit: before, isWaiting: false })
        expect(on.sha(`refs/orch/stray/${head}`)).toBe(head)
      })
      it('never writes over an untracked or ignored file, a staged change, or during a merge', async () => {
        const head = await work({ 'c.txt': 'theirs\n', 'dir/x': 'x\n' })
        on.write('c.txt', 'mine')
        expect(await repository.land(landing(head))).toMatchObject({ kind: 'waiting', dirty: ['c.txt'] })
        on.write('.git/info/exclude', 'c.txt\n')
        expect(await repository.landWaiting('main', ['c.txt'])).toMatchObject({ kind: 'waiting', dirty: ['c.txt'] })
        unlinkSync(join(on.root, 'c.txt'))
        mkdirSync(join(on.folder, 'elsewhere'))
        symlinkSync('../elsewhere', join(on.root, 'dir'))
        expect(await repository.landWaiting('main', [])).toMatchObject({ kind: 'waiting', dirty: ['dir'] })
        unlinkSync(join(on.root, 'dir'))
        on.write('a.txt', 'staged')
        on.git('add', 'a.txt')
        expect(await repository.landWaiting('main', [])).toMatchObject({ kind: 'waiting', dirty: ['a.txt'] })
        on.git('reset', '--quiet', '--hard')
        on.git('update-ref', 'MERGE_HEAD', head)
        expect(await repository.landWaiting('main', [])).toMatchObject({ kind: 'waiting', dirty: [expect.stringContaining('merge')] })
      })
      it('lets exactly one of fifty racers win, each time', async () => {
        detachMain()
        for (let round = 0; round < 3; round++) {
          const expected = on.sha('main')
          const tree = on.git('rev-parse', 'main^{tree}')
          const candidates = Array.from({ length: 50 }, (_, at) =>
            parseSha(on.git('commit-tree', '-p', expected, '-m', `racer ${round}.${at}`, tree)),
          ).filter((sha) => sha !== undefined)
          const outcomes = await Promise.all(candidates.map((candidate) => repository.land(landing(candidate, { expected }))))
          expect(outcomes.filter((outcome) => outcome?.kind === 'landed')).toHaveLength(1)
          expect(outcomes.filter((outcome) => outcome?.kind === 'target-moved')).toHaveLength(49)
        }
      })
    })

    describe('the guard and the audit', () => {
      const tryGit = (path: string, branch: string | undefined, ...args: string[]) => {
        if (branch !== undefined) process.env.ORCH_BRANCH = branch
        try {
          on.gitIn(path, ...args)
          return 'done'
        } catch (error) {
          return String((error as { stderr?: unknown }).stderr)
        } finally {
          delete process.env.ORCH_BRANCH
        }
      }
      it("admits the session's own branch only, and nobody else is held", async () => {
        const made = await repository.ensureWorktree(request('feature/one'))
        expect(await repository.installGuard()).toEqual({ kind: 'installed' })
        expect(await repository.installGuard()).toEqual({ kind: 'installed' })
        const mine = (...args: string[]) => tryGit(made.path, 'feature/one', ...args)
        expect(mine('commit', '--allow-empty', '-m', 'mine')).toBe('done')
        expect(mine('reset', '--hard', 'HEAD~1')).toBe('done')
        expect(mine('rebase', 'main')).toBe('done')
        expect(mine('branch', 'other')).toContain('may only move feature/one')
        expect(mine('tag', 'v1')).toContain('refs/tags/v1')
        expect(mine('update-ref', 'refs/heads/main', 'HEAD')).not.toBe('done')
        writeFileSync(join(made.path, 'a.txt'), 'x')
        expect(mine('stash')).not.toBe('done')
        expect(tryGit(on.root, 'feature/one', 'commit', '--allow-empty', '-m', 'into main')).toContain('refs/heads/main')
        expect(tryGit(on.root, undefined, 'branch', 'the-users-own')).toBe('done')
        await repository.removeGuard()
        expect(mine('branch', 'other')).toContain('may only move')
        await repository.removeWorktree(await planOf(made.path, 'feature/one'), join(on.folder, 'trash'))
        await repository.removeGuard()
        expect(existsSync(join(on.root, '.git/hooks/reference-transaction'))).toBe(false)
        expect(readFileSync(join(on.root, '.git/info/exclude'), 'utf8')).not.toContain('orch')
      })
      it('chains a hook that was there and gives it back', async () => {
        const hook = join(on.root, '.git/hooks/reference-transaction')
        const text = `#!/bin/sh\ncat >> ${on.folder}/seen\necho "$1" >> ${on.folder}/seen\n`
        mkdirSync(join(on.root, '.git/hooks'), { recursive: true })
        writeFileSync(hook, text, { mode: 0o755 })
        await repository.installGuard()
        for (const branch of ['by-session', undefined]) {
          writeFileSync(join(on.folder, 'seen'), '')
          tryGit(on.root, branch, 'branch', branch ?? 'by-user')
          expect(readFileSync(join(on.folder, 'seen'), 'utf8')).toContain(`refs/heads/${branch ?? 'by-user'}`)
        }
        await repository.removeGuard()
        expect(readFileSync(hook, 'utf8')).toBe(text)
      })
      it('runs a filter that came after it began only when a person has accepted that very one', async () => {
        on.commit('Attributes', { '.gitattributes': '*.txt filter=mine\n' })
        await repository.installGuard()
        const shown = async (branch: string) => {
          const { path } = await repository.ensureWorktree(request(branch))
          return readFileSync(join(path, 'a.txt'), 'utf8')
        }
        on.git('config', 'filter.mine.smudge', 'tr a-z A-Z')
        expect(await shown('feature/one')).toBe('one\n')
        const [seen] = await repository.unknownFilters()
        expect(seen).toMatchObject({ name: 'mine', settings: ['filter.mine.smudge\ntr a-z A-Z'] })
        on.git('config', 'filter.mine.smudge', 'tr a-z n-z')
        await expect(repository.acceptFilter(seen?.id ?? '')).rejects.toMatchObject({ code: 'unknown-filter' })
        expect(await shown('feature/two')).toBe('one\n')
        on.git('config', 'filter.mine.smudge', 'tr a-z A-Z')
        expect(await repository.acceptFilter(seen?.id ?? '', { isDryRun: true })).toEqual(seen)
        expect(await repository.unknownFilters()).toEqual([seen])
        expect(await repository.acceptFilter(seen?.id ?? '')).toEqual(seen)
        expect(await repository.unknownFilters()).toEqual([])
        expect(await shown('feature/three')).toBe('ONE\n')
        on.git('config', '--add', 'filter.mine.smudge', 'cat')
        expect(await repository.unknownFilters()).toHaveLength(1)
      })
      it('knows the filters that were there before it began', async () => {
        on.git('config', 'filter.mine.smudge', 'cat')
        await repository.installGuard()
        expect(await repository.unknownFilters()).toEqual([])
      })
      it('leaves a configured hooks path alone and says so', async () => {
        on.git('config', 'core.hooksPath', '.husky')
        expect(await repository.installGuard()).toMatchObject({ kind: 'audit-only', reason: expect.stringContaining('.husky') })
        expect(existsSync(join(on.root, '.git/hooks/reference-transaction'))).toBe(false)
      })
    })
  })
}
