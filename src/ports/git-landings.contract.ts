import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Sha } from '../foundation/brand.ts'
import type { Git, LandingStrategy, Repository } from './git.ts'

/** Finding what landed, and taking it back. */
export function describeLandings(name: string, git: Git): void {
  describe(`landings: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'b.txt': 'two\n' } })
      repository = await git.open(on.root)
    })
    afterEach(() => on.remove())

    const work = (subjects: readonly string[], files: Record<string, string>) => {
      on.git('switch', '--quiet', '--detach', 'main~0')
      const commits = subjects.map((subject, at) =>
        on.commit(subject, Object.fromEntries(Object.entries(files).filter((_, i) => i === at))),
      )
      on.git('switch', '--quiet', 'main')
      return commits.at(-1) ?? on.sha('main')
    }
    const landOne = async (head: Sha, strategy: LandingStrategy, trailers: Record<string, string>) => {
      const expected = on.sha('main')
      const built = await repository.buildCandidate({
        target: expected,
        head,
        strategy,
        message: `Land ${head}`,
        trailers,
        edits: {},
        at: 5000,
      })
      if ('conflicts' in built) throw new Error('conflicts')
      expect(await repository.land({ target: 'main', expected, candidate: built.commit, allowDirty: [] })).toMatchObject({ kind: 'landed' })
      return built.commit
    }
    const trailers = (landing: string, entry: string) => ({ 'Orch-Landing': landing, 'Orch-Entry': entry, 'Orch-Task': `task-${entry}` })
    const revert = async (from: Sha, to: Sha) =>
      repository.buildRevert({ target: on.sha('main'), from, to, message: 'Undo', trailers: { 'Orch-Entry': 'undo' }, at: 7000 })

    it.each<LandingStrategy>(['merge', 'squash', 'rebase'])(
      'finds what landed together, and what each entry brought: %s',
      async (strategy) => {
        const [one, two, three] = [
          work(['1a', '1b'], { 'c.txt': 'c\n', 'd.txt': 'd\n' }),
          work(['2'], { 'e.txt': 'e\n' }),
          work(['3'], { 'f.txt': 'f\n' }),
        ]
        const before = on.sha('main')
        const first = await landOne(one, strategy, trailers('L1', 'e1'))
        const second = await landOne(two, strategy, trailers('L1', 'e2'))
        const between = on.commit('By hand', { 'g.txt': 'g\n' })
        const third = await landOne(three, strategy, trailers('L2', 'e3'))
        const [newest, older, ...none] = await repository.lastLandings(on.sha('main'), 9)
        expect(none).toEqual([])
        expect(newest).toMatchObject({ id: 'L2', before: between, after: third, at: 5000 })
        expect(older).toMatchObject({ id: 'L1', before, after: second })
        expect(older?.entries.map((entry) => [entry.entry, entry.name, entry.before, entry.commit])).toEqual([
          ['e1', 'task-e1', before, first],
          ['e2', 'task-e2', first, second],
        ])
        expect(await repository.lastLandings(on.sha('main'), 1)).toEqual([newest])
        for (const [head, entry] of [
          [one, 'e1'],
          [two, 'e2'],
          [three, 'e3'],
        ] as const)
          expect([await repository.isLanded(head, on.sha('main'), entry), await repository.isLanded(head, before, entry)]).toEqual([
            true,
            false,
          ])
        expect(await repository.isLanded(one, on.sha('main'), 'e')).toBe(strategy === 'merge')
      },
    )
    it('takes a landing back, or one entry of it, under later work', async () => {
      await landOne(work(['1'], { 'a.txt': 'changed\n' }), 'merge', trailers('L1', 'e1'))
      await landOne(work(['2a', '2b'], { 'c.txt': 'c\n', 'd.txt': 'd\n' }), 'rebase', trailers('L1', 'e2'))
      on.commit('Later', { 'b.txt': 'later\n' })
      const target = on.sha('main')
      const [landing] = await repository.lastLandings(target, 1)
      const entry = landing?.entries[1]
      if (landing === undefined || entry === undefined) throw new Error('nothing landed')
      const whole = await revert(landing.before, landing.after)
      expect(await revert(landing.before, landing.after)).toEqual(whole)
      if (!('commit' in whole)) throw new Error('conflicts')
      expect(on.git('show', '--no-patch', '--format=%P|%s|%(trailers:only)', whole.commit)).toBe(`${target}|Undo|Orch-Entry: undo`)
      expect(on.git('diff', '--name-only', landing.before, whole.commit)).toBe('b.txt')
      const one = await revert(entry.before, entry.commit)
      expect('commit' in one && on.git('ls-tree', '-r', '--name-only', one.commit).split('\n')).toEqual(['a.txt', 'b.txt'])
      expect('commit' in one && on.git('show', `${one.commit}:a.txt`)).toBe('changed')
      on.git('fsck', '--strict')
    })
    it('answers what is in the way of taking it back, and the target where nothing is left of it', async () => {
      const before = on.sha('main')
      const after = await landOne(work(['1'], { 'a.txt': 'changed\n' }), 'squash', trailers('L1', 'e1'))
      on.commit('Later', { 'a.txt': 'changed again\n' })
      expect(await revert(before, after)).toEqual({ conflicts: ['a.txt'] })
      const undone = on.commit('By hand', { 'a.txt': 'one\n' })
      expect(await revert(before, after)).toMatchObject({ commit: undone })
    })
    it('knows nothing of landings where there were none, or their beginning is not there', async () => {
      expect(await repository.lastLandings(on.sha('main'), 5)).toEqual([])
      on.git('commit', '--quiet', '--amend', '--message', 'Root\n\nOrch-Landing: L0')
      expect(await repository.lastLandings(on.sha('main'), 5)).toEqual([])
    })
  })
}
