import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import type { Git, LandingStrategy, Repository } from './git.ts'

/** The user's hooks and signing, at a landing. */
export function describeObstacles(name: string, git: Git): void {
  describe(`hooks and signing: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    let before: string | undefined
    beforeEach(async () => {
      before = process.env.GIT_CONFIG_GLOBAL
      on = makeRepository({ files: { 'a.txt': 'one\n' } })
      on.git('switch', '--quiet', '-c', 'work')
      on.commit('One', { 'b.txt': 'b\n' })
      on.commit('Two', { 'c.txt': 'c\n' })
      on.git('switch', '--quiet', 'main')
      on.commit('Ours', { 'd.txt': 'd\n' })
      repository = await git.open(on.root)
    })
    afterEach(() => {
      if (before === undefined) delete process.env.GIT_CONFIG_GLOBAL
      else process.env.GIT_CONFIG_GLOBAL = before
      on.remove()
    })

    const ofTheUser = (settings: Readonly<Record<string, string>>) => {
      const file = join(on.folder, 'gitconfig')
      for (const [key, value] of Object.entries({ 'user.name': 'U', 'user.email': 'u@x', ...settings }))
        on.git('config', '--file', file, key, value)
      process.env.GIT_CONFIG_GLOBAL = file
    }
    const script = (path: string, text: string) => {
      writeFileSync(path, `#!/bin/sh\n${text}\n`)
      chmodSync(path, 0o755)
      return path
    }
    const build = async (strategy: LandingStrategy) => {
      const trailers = { 'Orch-Entry': 'e1' }
      const built = await repository.buildCandidate({
        target: on.sha('main'),
        head: on.sha('work'),
        strategy,
        message: 'm',
        trailers,
        edits: {},
        at: 9000,
      })
      if ('conflicts' in built) throw new Error('conflicts')
      return built.commit
    }

    it('finds nothing where there is nothing, and its own guard is none of the hooks', async () => {
      mkdirSync(join(on.root, '.git/hooks'), { recursive: true })
      writeFileSync(join(on.root, '.git/hooks/pre-commit'), 'not executable')
      execFileSync('mkfifo', ['-m', '755', join(on.root, '.git/hooks/commit-msg')])
      await repository.installGuard()
      expect(await repository.landingObstacles()).toEqual([])
    })
    it('names the hooks that a landing passes by, wherever they are, and runs none', async () => {
      const ran = join(on.folder, 'ran')
      const folder = join(on.root, '.git/hooks')
      mkdirSync(folder, { recursive: true })
      for (const hook of ['pre-merge-commit', 'commit-msg', 'post-update', 'reference-transaction'])
        script(join(folder, hook), `touch '${ran}'`)
      await repository.installGuard()
      const found = async () => (await repository.landingObstacles()).map(({ kind, what }) => [kind, what])
      expect(await found()).toEqual(
        ['pre-merge-commit', 'commit-msg', 'reference-transaction.before-orch'].map((hook) => ['hook', join(folder, hook)]),
      )
      mkdirSync(join(on.root, '.husky'))
      on.git('config', 'core.hooksPath', '.husky')
      script(join(on.root, '.husky/pre-commit'), `touch '${ran}'`)
      expect(await found()).toEqual([['hook', join(on.root, '.husky/pre-commit')]])
      await build('merge')
      expect(existsSync(ran)).toBe(false)
    })
    it.each<LandingStrategy>(['merge', 'rebase'])("signs each commit by the user's own program and key: %s", async (strategy) => {
      const calls = join(on.folder, 'calls')
      const program = script(
        join(on.folder, 'gpg'),
        `echo "$@" >> '${calls}'\ncat > /dev/null\nprintf '\\n[GNUPG:] SIG_CREATED \\n' >&2\nprintf -- '-----BEGIN PGP SIGNATURE-----\\n\\nsigned\\n-----END PGP SIGNATURE-----\\n'`,
      )
      ofTheUser({ 'commit.gpgSign': 'true', 'gpg.program': program, 'user.signingKey': 'KEY' })
      expect(await repository.landingObstacles()).toMatchObject([{ kind: 'signing' }])
      const commit = await build(strategy)
      expect(on.git('cat-file', 'commit', commit)).toContain('gpgsig -----BEGIN PGP SIGNATURE-----')
      expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual(Array(strategy === 'merge' ? 1 : 2).fill('--status-fd=2 -bsau KEY'))
      const undo = await repository.buildRevert({
        target: on.sha('main'),
        from: on.sha('main~1'),
        to: on.sha('main'),
        message: 'u',
        trailers: {},
        at: 1,
      })
      expect('commit' in undo && on.git('cat-file', 'commit', undo.commit)).toContain('gpgsig')
    })
    it.skipIf(spawnSync('ssh-keygen', ['-?']).error !== undefined)('signs with an ssh key', async () => {
      const key = join(on.folder, 'key')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      ofTheUser({ 'commit.gpgSign': 'true', 'gpg.format': 'ssh', 'user.signingKey': `${key}.pub` })
      const commit = await build('squash')
      writeFileSync(join(on.folder, 'signers'), `u@x ${readFileSync(`${key}.pub`, 'utf8')}`)
      expect(
        on.git('-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${on.folder}/signers`, 'log', '-1', '--format=%G?', commit),
      ).toBe('G')
    })
    it('says plainly that signing failed, and keeps nothing', async () => {
      ofTheUser({ 'commit.gpgSign': 'true', 'gpg.program': script(join(on.folder, 'gpg'), 'cat > /dev/null; exit 2') })
      const objects = on.git('count-objects')
      await expect(build('merge')).rejects.toMatchObject({
        code: 'signing-failed',
        message: expect.stringContaining('failed to sign'),
        next: expect.any(String),
      })
      expect(on.git('count-objects')).toBe(objects)
    })
    it.each([
      ['commit.gpgSign', 'true', {}],
      ['commit.gpgSign', 'false', { 'commit.gpgSign': 'true' }],
      ['gpg.program', 'evil', { 'commit.gpgSign': 'true' }],
      ['gpg.ssh.defaultKeyCommand', 'evil', { 'commit.gpgSign': 'yes' }],
      ['user.signingKey', 'KEY', { 'commit.gpgSign': '1' }],
    ])("refuses where the repository's own configuration has a say: %s = %s", async (setting, value, own) => {
      const ran = join(on.folder, 'ran')
      ofTheUser(own)
      on.git('config', setting, value === 'evil' ? script(join(on.folder, 'evil'), `touch '${ran}'; exit 1`) : value)
      await expect(build('merge')).rejects.toMatchObject({ code: 'signing-refused', next: expect.stringContaining('git config --unset') })
      expect(await repository.landingObstacles()).toMatchObject([{ kind: 'signing-refused', what: setting.toLowerCase() }])
      expect(existsSync(ran)).toBe(false)
    })
    it('does not sign where the last word of the user is not to', async () => {
      ofTheUser({ 'commit.gpgSign': 'off', 'gpg.program': '/nowhere' })
      on.git('config', 'user.signingKey', 'KEY')
      expect(await repository.landingObstacles()).toEqual([])
      expect(on.git('cat-file', 'commit', await build('merge'))).not.toContain('gpgsig')
    })
  })
}
