import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemGit } from '../../src/adapters/git/repository.ts'
import { callGit } from '../support/fleet/git-call.ts'
import { makeRepository } from '../support/repository.ts'

/** Plain `git worktree add` fails up to 40 times of 50 here (git 2.39). */
it('adds 500 worktrees, 50 at a time over four processes, without one failure', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  try {
    const base = on.sha('main')
    const ensure = (name: string) => ({
      ensure: { path: join(on.folder, name), branch: `feature/${name}`, base, copy: [], files: { 'TASK.md': name } },
    })
    const ended = await Promise.all(
      [0, 1, 2, 3].map((batch) =>
        callGit({
          root: on.root,
          parallel: batch < 2 ? 13 : 12,
          calls: Array.from({ length: 125 }, (_, at) => ensure(`wt-${batch}-${at}`)),
        }),
      ),
    )
    expect(ended.flatMap((end) => end?.failures ?? ['killed'])).toEqual([])
    expect(await (await systemGit.open(on.root)).listWorktrees()).toHaveLength(501)
    expect(on.git('worktree', 'list').split('\n')).toHaveLength(501)
    expect(readdirSync(join(on.root, '.git/orch/making'))).toEqual([])
  } finally {
    on.remove()
  }
}, 180_000)
