import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Sha } from '../foundation/brand.ts'
import type { CandidateRequest, Git, LandingStrategy, Repository } from './git.ts'

/** What is built to be tested and landed, by each strategy. */
export function describeCandidates(name: string, git: Git): void {
  describe(`candidates: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n', 'b.txt': 'two\n' } })
      repository = await git.open(on.root)
      on.git('switch', '--quiet', '-c', 'work')
    })
    afterEach(() => on.remove())

    const request = (more: Partial<CandidateRequest> = {}): CandidateRequest => ({
      target: on.sha('main'),
      head: on.sha('work'),
      strategy: 'merge',
      message: 'Land it\n\nWhy',
      trailers: { 'Orch-Entry': 'e1' },
      edits: {},
      at: 1_700_000_000_000,
      ...more,
    })
    const build = async (more: Partial<CandidateRequest> = {}): Promise<{ commit: Sha; tree: Sha }> => {
      const wanted = request(more)
      const built = await repository.buildCandidate(wanted)
      if ('conflicts' in built) throw new Error(`conflicts in ${built.conflicts.join(', ')}`)
      expect(await repository.buildCandidate(wanted)).toEqual(built)
      expect(on.git('rev-parse', `${built.commit}^{tree}`)).toBe(built.tree)
      on.git('fsck', '--strict')
      return built
    }
    const ofWork = (subject: string, files: Record<string, string>, author = 'Ada <ada@x>', date = '1600000000 +0530') => {
      for (const [path, content] of Object.entries(files)) on.write(path, content)
      on.git('add', '--all')
      on.git('commit', '--quiet', '--allow-empty', '--author', author, '--date', date, '--message', subject)
      return on.sha('HEAD')
    }
    const onMain = (files: Record<string, string>) => {
      on.git('switch', '--quiet', 'main')
      const target = on.commit('Ours', files)
      on.git('switch', '--quiet', 'work')
      return target
    }
    const show = (commit: Sha, format: string) => on.git('show', '--no-patch', `--format=${format}`, commit)
    const log = (commit: Sha) =>
      on.git('log', '--reverse', '--date=raw', '--format=%an <%ae> %ad|%s|%(trailers:only,separator=;)', `main..${commit}`).split('\n')

    it('merges with two parents also where the target could just move on, so that the landing carries its trailers', async () => {
      const head = ofWork('Work', { 'c.txt': 'c\n' })
      const built = await build()
      expect(show(built.commit, '%P|%s|%(trailers:only)')).toBe(`${on.sha('main')} ${head}|Land it|Orch-Entry: e1`)
      expect(built.tree).toBe(on.git('rev-parse', 'work^{tree}'))
    })
    it.each<LandingStrategy>(['merge', 'squash', 'rebase'])('answers the target where it holds the head already: %s', async (strategy) => {
      const head = on.sha('main')
      const target = onMain({ 'a.txt': 'more\n' })
      expect(await build({ head, strategy })).toMatchObject({ commit: target })
      expect(await build({ head, strategy, edits: { 'a.txt': Buffer.from('more\n') } })).toMatchObject({ commit: target })
      const edited = await build({ head, strategy, edits: { 'a.txt': Buffer.from('edited\n') } })
      expect(show(edited.commit, '%P|%s')).toBe(`${target}|Land it`)
    })
    it.each<LandingStrategy>(['merge', 'squash', 'rebase'])('answers the files of a conflict, and writes nothing: %s', async (strategy) => {
      ofWork('One', { 'c.txt': 'c\n' })
      ofWork('Two', { 'b.txt': 'theirs\n' })
      onMain({ 'b.txt': 'ours\n' })
      const before = on.git('count-objects')
      expect(await repository.buildCandidate(request({ strategy }))).toEqual({ conflicts: ['b.txt'] })
      expect(on.git('count-objects')).toBe(before)
    })
    it('squashes into one commit by the author of the newest', async () => {
      ofWork('One', { 'c.txt': 'c\n' }, 'Bob <bob@x>')
      ofWork('Two', { 'd.txt': 'd\n' })
      const target = onMain({ 'b.txt': 'ours\n' })
      const built = await build({ strategy: 'squash', edits: { 'e.txt': Buffer.from('e\n') } })
      expect(show(built.commit, '%P|%an %ad %ct|%B')).toContain(`${target}|Ada`)
      expect(log(built.commit)).toEqual(['Ada <ada@x> 1600000000 +0530|Land it|Orch-Entry: e1'])
      expect(on.git('diff', '--name-only', target, built.commit).split('\n')).toEqual(['c.txt', 'd.txt', 'e.txt'])
    })
    it('rebases each commit with its author and date, the trailers on each, the edits in the last', async () => {
      ofWork('One\n\nWhy\n\nCo-authored-by: Bob <bob@x>', { 'c.txt': 'c\n' }, 'Grace Hopper <grace@x>', '1500000000 -0800')
      ofWork('Same as ours', { 'b.txt': 'ours\n' })
      ofWork('Two', { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\nnine\n' }, 'Ünï Cödé <u@x>')
      const target = onMain({ 'b.txt': 'ours\n', 'a.txt': 'one\n2\n3\n4\n5\n6\n7\n8\n9\n' })
      const built = await build({ strategy: 'rebase', edits: { 'e.txt': Buffer.from('e\n') } })
      expect(log(built.commit)).toEqual([
        'Grace Hopper <grace@x> 1500000000 -0800|One|Co-authored-by: Bob <bob@x>;Orch-Entry: e1',
        'Ünï Cödé <u@x> 1600000000 +0530|Two|Orch-Entry: e1',
      ])
      expect(show(built.commit, '%ct')).toBe('1700000000')
      expect(on.git('rev-list', '--min-parents=2', `${target}..${built.commit}`)).toBe('')
      expect(on.git('show', `${built.commit}:a.txt`)).toBe('one\n2\n3\n4\n5\n6\n7\n8\nnine')
      expect(on.git('diff', '--name-only', `${built.commit}~`, built.commit).split('\n')).toEqual(['a.txt', 'e.txt'])
    })
    it('squashes a branch that holds merges, for what they resolved is in none of its commits', async () => {
      ofWork('One', { 'b.txt': 'theirs\n' })
      const target = onMain({ 'b.txt': 'ours\n' })
      expect(() => on.git('merge', '--quiet', 'main')).toThrow()
      on.write('b.txt', 'both\n')
      on.commit('Merge main')
      const built = await build({ strategy: 'rebase' })
      expect(show(built.commit, '%P|%s|%(trailers:only)')).toBe(`${target}|Land it|Orch-Entry: e1`)
      expect(on.git('show', `${built.commit}:b.txt`)).toBe('both')
    })
    it('squashes where the commits fit only as a whole', async () => {
      ofWork('Away', { 'b.txt': 'other\n' })
      ofWork('And back', { 'b.txt': 'two\n', 'c.txt': 'c\n' })
      const target = onMain({ 'b.txt': 'ours\n' })
      const built = await build({ strategy: 'rebase' })
      expect(show(built.commit, '%P|%s')).toBe(`${target}|Land it`)
      expect(on.git('show', `${built.commit}:b.txt`)).toBe('ours')
    })
    it.each<LandingStrategy>(['squash', 'rebase'])('records the landing also where nothing is left to change: %s', async (strategy) => {
      ofWork('One', { 'b.txt': 'same\n' })
      const target = onMain({ 'b.txt': 'same\n' })
      const built = await build({ strategy })
      expect(show(built.commit, '%P|%(trailers:only)')).toBe(`${target}|Orch-Entry: e1`)
    })
    it('rebases renames, modes and deleted files', async () => {
      on.git('mv', 'b.txt', 'renamed ü.txt')
      ofWork('Rename', {})
      on.git('update-index', '--chmod=+x', 'a.txt')
      on.git('commit', '--quiet', '--message', 'Mode')
      on.git('rm', '--quiet', '--cached', 'a.txt')
      on.git('commit', '--quiet', '--message', 'Delete')
      on.git('switch', '--quiet', '--force', 'main')
      on.commit('Ours', { 'b.txt': 'two\nand more\n' })
      const built = await build({ strategy: 'rebase' })
      expect(on.git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', built.commit)).toBe('renamed ü.txt')
      expect(on.git('show', `${built.commit}:renamed ü.txt`)).toBe('two\nand more')
    })
    it('does not let a session write the trailers that landings are known by', async () => {
      ofWork('One\n\nOrch-Entry: e9\norch-landing : x\nReviewed-by: Bob', { 'c.txt': 'c\n' })
      const built = await build({ strategy: 'rebase' })
      expect(show(built.commit, '%B')).toBe('One\n\nReviewed-by: Bob\nOrch-Entry: e1')
    })
    it('takes commits whose author git would refuse', async () => {
      const made = on.git('cat-file', 'commit', ofWork('Odd', { 'c.txt': 'c\n' }))
      on.write('.git/odd', `${made.replace(/^author .*$/m, 'author  <> 1600000000 +0000')}\n`)
      on.git('update-ref', 'HEAD', on.git('hash-object', '-t', 'commit', '-w', '--literally', '.git/odd'))
      for (const strategy of ['squash', 'rebase'] as const) {
        const built = await repository.buildCandidate(request({ strategy }))
        expect('commit' in built && show(built.commit, '%an')).toBe('unknown')
      }
    })
  })
}
