import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseSha } from '../../src/foundation/brand.ts'
import { systemGit } from '../../src/adapters/git/repository.ts'
import { callGit } from '../support/fleet/git-call.ts'
import { makeRepository } from '../support/repository.ts'

/** With a pool that some fill while all take from it. Plain `git worktree add` fails up to 40 times of 50 here (git 2.39). */
it('adds 500 worktrees, 50 at a time over four processes, without one failure', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  try {
    const base = on.sha('main')
    const ensure = (name: string) => ({
      ensure: { path: join(on.folder, name), branch: `feature/${name}`, base, copy: [], files: { 'TASK.md': name } },
    })
    const tend = { tend: { size: 5, commit: base, minimumFiles: 1 } }
    await (await systemGit.open(on.root)).tendPool(tend.tend)
    const ended = await Promise.all(
      [0, 1, 2, 3].map((batch) =>
        callGit({
          root: on.root,
          parallel: batch < 2 ? 13 : 12,
          calls: Array.from({ length: 125 }, (_, at) => [...(at % 25 === 5 ? [tend] : []), ensure(`wt-${batch}-${at}`)]).flat(),
        }),
      ),
    )
    expect(ended.flatMap((end) => end?.failures ?? ['killed'])).toEqual([])
    expect(await (await systemGit.open(on.root)).listWorktrees()).toHaveLength(501)
    expect(on.git('worktree', 'list').split('\n')).toHaveLength(501)
    expect(readdirSync(join(on.root, '.git/orch/making'))).toEqual([])
    expect(readdirSync(join(on.root, '.git/orch/pool')).filter((name) => /^(making|gone)-/.test(name))).toEqual([])
    const entries = join(on.root, '.git/worktrees')
    expect(readdirSync(entries).filter((name) => existsSync(join(entries, name, 'orch-tree')))).toEqual([])
  } finally {
    on.remove()
  }
}, 180_000)

it('lets exactly one of fifty landings of five processes win, each time, and the checkout follows it', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  try {
    for (const round of [1, 2, 3]) {
      const expected = on.sha('main')
      on.git('switch', '--quiet', '--detach')
      on.commit('Rival', { [`new-${round}.txt`]: 'new\n' })
      on.git('switch', '--quiet', 'main')
      const rival = (name: string) => ({
        land: {
          target: 'main',
          expected,
          candidate: parseSha(on.git('commit-tree', '-p', expected, '-m', name, 'HEAD@{1}^{tree}')) ?? expected,
          allowDirty: [],
        },
      })
      const calls = Array.from({ length: 5 }, (_, by) => Array.from({ length: 10 }, (_, at) => rival(`${round} ${by} ${at}`)))
      const ended = await Promise.all(calls.map((ten) => callGit({ root: on.root, parallel: 10, calls: ten })))
      expect(ended.flatMap((end) => end?.failures ?? ['killed'])).toEqual([])
      const outcomes = ended.flatMap((end) => end?.outcomes ?? [])
      expect([outcomes.filter((kind) => kind === 'landed').length, outcomes.filter((kind) => kind === 'target-moved').length]).toEqual([
        1, 49,
      ])
      expect(on.git('rev-parse', 'main~')).toBe(expected)
      expect(on.git('status', '--porcelain')).toBe('')
    }
  } finally {
    on.remove()
  }
}, 180_000)
