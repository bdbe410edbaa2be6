import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import { parseSha, type Sha } from '../foundation/brand.ts'
import type { Git, LandOutcome, Repository } from './git.ts'

/** Many landings at once on a target that somebody has checked out, and somebody who works there meanwhile. */
export function describeRaces(name: string, git: Git): void {
  describe(`races: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'b.txt': 'two\n' } })
      repository = await git.open(on.root)
    })
    afterEach(() => on.remove())

    /** Children of the target that all bring the same new file. */
    const rivals = (count: number, file: string): readonly Sha[] => {
      const expected = on.sha('main')
      on.git('switch', '--quiet', '--detach')
      on.commit('Rival', { [file]: 'new\n' })
      const tree = on.git('rev-parse', 'HEAD^{tree}')
      on.git('switch', '--quiet', 'main')
      return Array.from(
        { length: count },
        (_, at) => parseSha(on.git('commit-tree', '-p', expected, '-m', `${file} ${at}`, tree)) ?? expected,
      )
    }
    const landAll = (candidates: readonly Sha[]): Promise<LandOutcome[]> => {
      const expected = on.sha('main')
      return Promise.all(candidates.map((candidate) => repository.land({ target: 'main', expected, candidate, allowDirty: [] })))
    }
    const kinds = (outcomes: readonly LandOutcome[]): Record<string, number> => {
      const counts: Record<string, number> = {}
      for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1
      return counts
    }

    it('lets exactly one of fifty win where the target is checked out, and the checkout follows it', async () => {
      for (const file of ['c.txt', 'd.txt']) {
        const outcomes = await landAll(rivals(50, file))
        expect(kinds(outcomes)).toEqual({ landed: 1, 'target-moved': 49 })
        expect(outcomes.find((outcome) => outcome.kind === 'landed')).toMatchObject({ commit: on.sha('main') })
        expect(on.git('status', '--porcelain')).toBe('')
        expect(readFileSync(join(on.root, file), 'utf8')).toBe('new\n')
      }
    })
    it('keeps exactly one of fifty where that checkout is dirty, and lands it later', async () => {
      const before = on.sha('main')
      const candidates = rivals(50, 'c.txt')
      on.write('a.txt', 'my edit\n')
      const index = readFileSync(join(on.root, '.git/index'))
      const outcomes = await landAll(candidates)
      expect(kinds(outcomes)).toEqual({ waiting: 1, 'target-moved': 49 })
      expect([on.sha('main'), existsSync(join(on.root, 'c.txt'))]).toEqual([before, false])
      expect(readFileSync(join(on.root, '.git/index')).equals(index)).toBe(true)
      on.git('checkout', '--quiet', 'a.txt')
      const kept = candidates[outcomes.findIndex(({ kind }) => kind === 'waiting')]
      expect(await repository.landWaiting('main', [])).toEqual({ kind: 'landed', commit: kept })
      expect([on.sha('main'), on.git('status', '--porcelain')]).toEqual([kept, ''])
    })
    it('waits while the target is being rebased, and lands or says that it has moved afterwards', async () => {
      const base = on.sha('main')
      on.commit('Mine', { 'a.txt': 'mine\n' })
      const [candidate = base] = rivals(1, 'c.txt')
      on.git('branch', 'theirs', base)
      on.git('switch', '--quiet', 'theirs')
      on.commit('Theirs', { 'a.txt': 'theirs\n' })
      on.git('switch', '--quiet', 'main')
      const expected = on.sha('main')
      const beginRebase = () => expect(() => on.git('rebase', '--quiet', 'theirs')).toThrow()
      beginRebase()
      const standing = () => [on.git('status', '--porcelain'), readFileSync(join(on.root, 'a.txt'), 'utf8'), on.sha('main')]
      const before = standing()
      const land = () => repository.land({ target: 'main', expected, candidate, allowDirty: ['a.txt'] })
      expect(await land()).toMatchObject({ kind: 'waiting', dirty: [expect.stringContaining('rebase')] })
      expect(standing()).toEqual(before)
      on.git('rebase', '--abort')
      expect(await repository.landWaiting('main', [])).toEqual({ kind: 'landed', commit: candidate })
      beginRebase()
      on.write('a.txt', 'both\n')
      on.git('add', 'a.txt')
      on.git('-c', 'core.editor=true', 'rebase', '--continue')
      const found = on.sha('main')
      const late = on.git('commit-tree', '-p', candidate, '-m', 'Late', `${candidate}^{tree}`)
      expect(await repository.land({ target: 'main', expected: candidate, candidate: parseSha(late) ?? base, allowDirty: [] })).toEqual({
        kind: 'target-moved',
        found,
      })
    })
    it('waits while another git holds the index, and leaves it its lock', async () => {
      const [candidate] = rivals(1, 'c.txt')
      const lock = join(on.root, '.git/index.lock')
      writeFileSync(lock, 'of another')
      expect(await landAll(candidate === undefined ? [] : [candidate])).toMatchObject([
        { kind: 'waiting', dirty: [expect.stringContaining('index')] },
      ])
      expect(readFileSync(lock, 'utf8')).toBe('of another')
      expect(on.git('ls-files')).not.toContain('c.txt')
      rmSync(lock)
      expect(await repository.landWaiting('main', [])).toEqual({ kind: 'landed', commit: candidate })
    })
    it('loses nothing of a user who commits on the target meanwhile', async () => {
      for (let round = 0; round < 6; round++) {
        const [candidate] = rivals(1, `theirs-${round}.txt`)
        if (candidate === undefined) throw new Error('no candidate')
        const expected = on.sha('main')
        on.write(`mine-${round}.txt`, 'mine\n')
        const [hasCommitted, outcome] = await Promise.all([
          commitAll(on.root),
          repository.land({ target: 'main', expected, candidate, allowDirty: [] }),
        ])
        const main = on.sha('main')
        const mine = on.git('log', '--format=%s', `${expected}..main`).split('\n').includes('Mine')
        expect(mine).toBe(hasCommitted)
        expect(readFileSync(join(on.root, `mine-${round}.txt`), 'utf8')).toBe('mine\n')
        expect(await repository.isAncestor(candidate, main)).toBe(outcome.kind === 'landed')
        if (outcome.kind === 'waiting') await repository.landWaiting('main', [])
        on.git('add', '--all')
        on.git('commit', '--quiet', '--allow-empty', '--message', 'Rest')
        expect(on.git('status', '--porcelain')).toBe('')
        expect(on.git('ls-files').split('\n')).toContain(`mine-${round}.txt`)
      }
      on.git('fsck', '--strict')
    })
  })
}

/** False when git refused, as it does while a landing holds the index or has moved the branch. */
async function commitAll(root: string): Promise<boolean> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'git add --all && git commit --quiet --message Mine'], { cwd: root, env })
    return true
  } catch {
    return false
  }
}
