import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
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
