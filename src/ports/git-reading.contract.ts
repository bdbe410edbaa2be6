import { chmodSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Git, Repository } from './git.ts'

/** What changed between commits, and who changed which line. */
export function describeReading(name: string, git: Git): void {
  describe(`reading: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    const ten = Array.from({ length: 10 }, (_, at) => `line ${at + 1}\n`).join('')
    beforeEach(async () => {
      on = makeRepository({
        files: { 'a.txt': ten, 'old name.txt': ten, 'gone.txt': 'x\n', 'was-file': 'f\n', bin: '\0one', 'run.sh': 'r\n' },
      })
      repository = await git.open(on.root)
    })
    afterEach(() => on.remove())

    it('lists files with their kind, lines and ranges, whatever their names', async () => {
      const from = on.sha('main')
      const odd = 'odd\ndiff --git "ü\t.txt'
      on.git('mv', 'old name.txt', 'new name.txt')
      on.git('rm', '--quiet', 'gone.txt')
      unlinkSync(join(on.root, 'was-file'))
      symlinkSync('a.txt', join(on.root, 'was-file'))
      chmodSync(join(on.root, 'run.sh'), 0o755)
      const to = on.commit('Many', {
        'a.txt': ten.replace('line 1\n', 'first\n').replace('line 5\n', '').replace('line 9\n', 'nine\nnine and a half\n'),
        'new name.txt': `${ten}@@ -1 +1 @@\ndiff --git a/x b/x\n`,
        [odd]: 'odd\n',
        bin: '\0two',
      })
      const plain = { isBinary: false, added: 0, removed: 0, ranges: [] }
      const { files, isCut } = await repository.changes(from, to)
      expect(isCut).toBe(false)
      expect(files).toEqual([
        {
          path: 'a.txt',
          change: 'modified',
          isBinary: false,
          added: 3,
          removed: 3,
          ranges: [
            { start: 1, count: 1 },
            { start: 4, count: 0 },
            { start: 8, count: 2 },
          ],
        },
        { path: 'bin', change: 'modified', ...plain, isBinary: true },
        { path: 'gone.txt', change: 'deleted', ...plain, removed: 1 },
        { path: 'new name.txt', from: 'old name.txt', change: 'renamed', ...plain, added: 2, ranges: [{ start: 11, count: 2 }] },
        { path: odd, change: 'added', ...plain, added: 1, ranges: [{ start: 1, count: 1 }] },
        { path: 'run.sh', change: 'modified', ...plain },
        { path: 'was-file', change: 'retyped', ...plain, added: 1, removed: 1, ranges: [{ start: 1, count: 1 }] },
      ])
      expect(await repository.changes(to, to)).toEqual({ files: [], isCut: false })
    })
    it('says when there is more than it shows', async () => {
      const from = on.sha('main')
      const to = on.commit('Many', Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [`many/${at}`, `${at}\n`])))
      const { files, isCut } = await repository.changes(from, to)
      expect([files.length, isCut]).toEqual([5000, true])
    })
    it('lists commits, newest first, and a tree', async () => {
      const from = on.sha('main')
      const made = [on.commit('One\n\nWhy'), on.commit('Two'), on.commit('Three')]
      expect((await repository.commitsBetween(from, on.sha('main'), 2)).map(({ sha, subject }) => [sha, subject])).toEqual([
        [made[2], 'Three'],
        [made[1], 'Two'],
      ])
      expect(await repository.commitsBetween(from, on.sha('main'), 10)).toMatchObject([
        {},
        {},
        { sha: made[0], body: 'Why', author: expect.stringContaining('@') },
      ])
      expect(await repository.commitsBetween(from, from, 10)).toEqual([])
      expect(await repository.treeOf(from)).toBe(on.git('rev-parse', `${from}^{tree}`))
    })
    it('tells who changed which line since the base, also through a rename and a merge', async () => {
      const base = on.sha('main')
      on.git('switch', '--quiet', '-c', 'side')
      on.git('mv', '--', 'old name.txt', '-x ü.txt')
      const side = on.commit('Side', { '-x ü.txt': ten.replace('line 3\n', 'three\n') })
      on.git('switch', '--quiet', 'main')
      const own = on.commit('Own', { 'a.txt': ten.replace('line 2\n', 'two\n') })
      on.git('merge', '--quiet', '-m', 'Merge', 'side')
      const wanted = [
        ['a.txt', 2, own],
        ['a.txt', 3, undefined],
        ['-x ü.txt', 3, side],
        ['-x ü.txt', 4, undefined],
        ['a.txt', 99, undefined],
        ['a.txt', 0, undefined],
        ['not/there', 1, undefined],
        ['../a.txt', 1, undefined],
        ['a.txt', 2, own],
      ] as const
      const lines = wanted.map(([path, line]) => ({ path, line }))
      expect(await repository.blameLines({ commit: on.sha('main'), base, lines })).toEqual(wanted.map(([, , commit]) => commit))
    })
    it('runs nothing that a session could have configured', async () => {
      const ran = join(on.folder, 'ran')
      const payload = `touch '${ran}'; cat`
      on.git('config', 'diff.evil.textconv', payload)
      on.git('config', 'diff.evil.command', payload)
      on.git('config', 'diff.external', payload)
      on.git('config', 'core.fsmonitor', payload)
      on.git('config', 'blame.ignoreRevsFile', '/dev/null/x')
      on.git('config', 'trailer.x.command', payload)
      writeFileSync(join(on.root, '.git/info/attributes'), '* diff=evil\n')
      const base = on.sha('main')
      const commit = on.commit('Two', { 'a.txt': 'two\n', '.gitattributes': '* diff=evil\n' })
      rmSync(ran, { force: true })
      await repository.changes(base, commit)
      await repository.commitsBetween(base, commit, 5)
      await repository.conflictHunks(base, commit, ['a.txt'])
      await repository.conflictsAmong(base, [commit])
      expect(await repository.blameLines({ commit, base, lines: [{ path: 'a.txt', line: 1 }] })).toEqual([commit])
      expect(readdirSync(on.folder)).not.toContain('ran')
    })
  })
}
