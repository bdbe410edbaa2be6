import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../../test/support/repository.ts'
import type { Repository } from '../../ports/git.ts'
import { systemGit } from './repository.ts'

/*
 * What an agent in a linked worktree can plant: shared and per-worktree configuration, attributes in three places, hooks, a repository inside,
 * its own `.git` file. Each payload leaves a file behind when it runs; the control shows that plain git does run them.
 */
describe('an agent that plants programs', () => {
  let on: TestRepository
  let repository: Repository
  let path: string
  let ran: string
  let head: string
  beforeEach(async () => {
    on = makeRepository({ files: { 'a.txt': 'one\n', 'b.txt': 'two\n' } })
    repository = await systemGit.open(on.root)
    path = join(on.folder, 'wt')
    await repository.ensureWorktree({ path, branch: 'feature/one', base: on.sha('main'), copy: [], files: {} })
    head = on.commitIn(path, 'Work', { 'a.txt': 'theirs\n' })
    on.commit('Ours', { 'a.txt': 'ours\n' })
    ran = join(on.folder, 'ran')
    mkdirSync(ran)
    plant()
  })
  afterEach(() => on.remove())

  const payload = (name: string) => `touch '${join(ran, name)}'; cat 2>/dev/null`
  function plant() {
    const config = (file: string, key: string, value: string) => on.gitIn(on.folder, 'config', '--file', file, key, value)
    const inner = join(path, 'inner')
    on.gitIn(path, 'init', '--quiet', 'inner')
    on.gitIn(inner, 'commit', '--quiet', '--allow-empty', '-m', 'inner')
    writeFileSync(join(inner, 'f'), 'f')
    on.gitIn(path, '-c', 'advice.addEmbeddedRepo=false', 'add', 'inner')
    on.gitIn(inner, 'commit', '--quiet', '--allow-empty', '-m', 'inner moved')
    const attributes = '* filter=evil diff=evil merge=evil\n'
    for (const file of [join(path, '.gitattributes'), join(on.root, '.git/info/attributes'), join(on.root, '.gitattributes')]) {
      writeFileSync(file, attributes)
    }
    config(join(on.root, '.git/config'), 'extensions.worktreeConfig', 'true')
    for (const file of [join(on.root, '.git/config'), join(on.root, '.git/worktrees/wt/config.worktree'), join(inner, '.git/config')]) {
      const where = file.includes('inner') ? 'inner' : file.endsWith('worktree') ? 'worktree' : 'shared'
      config(file, 'core.fsmonitor', `${payload(`fsmonitor-${where}`)};:`)
      for (const key of ['clean', 'smudge', 'process']) config(file, `filter.evil.${key}`, payload(`${key}-${where}`))
      config(file, 'filter.evil.required', 'true')
      config(file, 'diff.evil.textconv', payload(`textconv-${where}`))
      config(file, 'diff.evil.command', payload(`diff-${where}`))
      config(file, 'diff.external', payload(`external-${where}`))
      config(file, 'merge.evil.driver', payload(`merge-${where}`))
      config(file, 'gpg.program', join(ran, '..', 'evil'))
      for (const key of ['commit.gpgSign', 'log.showSignature']) config(file, key, 'true')
      config(file, 'core.hooksPath', join(on.folder, 'hooks'))
      config(file, 'core.pager', payload(`pager-${where}`))
      config(file, 'core.sshCommand', payload(`ssh-${where}`))
    }
    const script = `#!/bin/sh\ntouch '${join(ran, 'hook')}'\n`
    writeFileSync(join(on.folder, 'evil'), `#!/bin/sh\ntouch '${join(ran, 'gpg')}'\nexit 1\n`)
    chmodSync(join(on.folder, 'evil'), 0o755)
    for (const folder of [join(on.folder, 'hooks'), join(on.root, '.git/hooks'), join(inner, '.git/hooks')]) {
      mkdirSync(folder, { recursive: true })
      for (const hook of [
        'reference-transaction',
        'post-index-change',
        'pre-commit',
        'post-checkout',
        'fsmonitor-watchman',
        'post-rewrite',
      ]) {
        writeFileSync(join(folder, hook), script)
        chmodSync(join(folder, hook), 0o755)
      }
    }
    writeFileSync(join(path, 'a.txt'), 'changed by the agent\n')
    writeFileSync(join(path, 'new.txt'), 'new\n')
    rmSync(ran, { recursive: true })
    mkdirSync(ran)
  }

  it('is a real danger: plain git runs what was planted', () => {
    try {
      on.gitIn(path, 'status')
    } catch {
      // A required filter that fails makes git fail.
    }
    expect(readdirSync(ran).length).toBeGreaterThan(0)
  })

  it('runs nothing of it by looking, showing, backing up, planning a removal, removing', async () => {
    const state = await repository.inspectWorktree(path)
    expect(state.uncommitted).toEqual(['.gitattributes', 'a.txt', 'inner/', 'new.txt'])
    expect((await repository.diffUncommitted(path)).text).toContain('-theirs\n+changed by the agent\n')
    const backup = await repository.backupWorktree(path, 'one')
    expect(on.git('cat-file', 'blob', `${backup?.commit}:a.txt`)).toBe('changed by the agent')
    expect(on.git('cat-file', 'blob', `${backup?.commit}:inner/f`)).toBe('f')
    expect(await repository.planRemoval(path, 'feature/one', { target: 'main', abandon: false })).toMatchObject({
      kind: 'refused',
      reason: 'nested-repository',
    })
    const plan = await repository.planRemoval(path, 'feature/one', { target: 'main', abandon: true })
    if (plan.kind === 'refused') throw new Error(plan.detail)
    await repository.removeWorktree(plan, join(on.folder, 'trash'))
    expect(readdirSync(ran)).toEqual([])
  })

  it('runs nothing of it by reading refs, forecasting, building and moving refs', async () => {
    const [main, feature] = [on.sha('main'), on.sha('feature/one')]
    on.git('branch', 'spare', main)
    rmSync(ran, { recursive: true })
    mkdirSync(ran)
    await repository.describe()
    await repository.listWorktrees()
    await repository.snapshotRefs()
    expect(await repository.forecastMerge(main, feature)).toEqual({ kind: 'conflicts', files: ['a.txt'] })
    expect((await repository.diff(main, feature)).text).toContain('-ours\n+theirs\n')
    expect((await repository.conflictsAmong(main, [feature])).withTarget).toHaveLength(1)
    const build = () =>
      repository.buildCandidate({
        target: on.sha('main~1'),
        head: feature,
        strategy: 'rebase',
        message: 'm',
        trailers: {},
        edits: { 'x.txt': Buffer.from('x') },
        at: 0,
      })
    await expect(build()).rejects.toMatchObject({ code: 'signing-refused' })
    expect(await repository.landingObstacles()).toContainEqual(expect.objectContaining({ kind: 'signing-refused' }))
    expect(readdirSync(ran)).toEqual([])
    for (const file of ['config', 'worktrees/wt/config.worktree'])
      on.gitIn(on.folder, 'config', '--file', join(on.root, '.git', file), '--unset', 'commit.gpgSign')
    rmSync(ran, { recursive: true })
    mkdirSync(ran)
    expect(await build()).toMatchObject({ commit: expect.any(String) })
    await repository.deleteBranch('spare', main)
    expect(readdirSync(ran)).toEqual([])
  })

  it('cannot lead the host elsewhere by its .git file', async () => {
    const evil = join(on.folder, 'evil-git')
    on.git('clone', '--quiet', '--bare', on.root, evil)
    on.gitIn(on.folder, 'config', '--file', join(evil, 'config'), 'core.fsmonitor', payload('elsewhere'))
    writeFileSync(join(path, '.git'), `gitdir: ${evil}\n`)
    rmSync(ran, { recursive: true })
    mkdirSync(ran)
    expect((await repository.inspectWorktree(path)).head).toBe(head)
    await repository.backupWorktree(path, 'two')
    expect(existsSync(join(ran, 'elsewhere'))).toBe(false)
    expect(readdirSync(ran)).toEqual([])
  })
})
