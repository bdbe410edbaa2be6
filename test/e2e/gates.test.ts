import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { InboxAnswer } from '../../src/protocol/inbox.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const commit = (message: string) => `git add -A && git commit -qm '${message}' && orch done '${message}'`
const script = `sessions:
  - match: { task: login }
    steps:
      - bash: mkdir auth && echo 'check()' > auth/login.js && echo '{"dependencies":{"left-pad":"1.0.0"}}' > package.json && ${commit('Add a login')}
      - end: Finished.
      - bash: rm package.json && ${commit('Pad by hand')}
      - end: Mended.
`
const config = 'validate: test -s auth/login.js\nretries: 1\ngates:\n  - auth: ["**/auth/**"]\n  - dependencies: new-dependency\n'
const REASON = 'Pad by hand: we want no package for that'

fleetTest('work that meets gates waits for its person, whose answer counts also when no daemon runs', async ({ fleet }) => {
  const scene = await fleet.begin({ script, config, tasks: '- [ ] Add a login\n  - id: login\n' })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['login'], 'Needs you')
  expect(scene.status('login')).toMatchObject({
    reason: 'auth: changes auth/login.js; dependencies: adds left-pad in package.json',
    next: 'orch approve m2 m3   or   orch deny m2 "why"',
  })
  const kinds = ({ items }: InboxAnswer) => items.map(({ id, kind, who }) => `${id} ${kind} ${who}`)
  expect(kinds(await inbox(scene))).toEqual(['m2 gate repo.login', 'm3 gate repo.login'])
  expect(await scene.run(['approve', 'm2', 'm3', '--dry-run'])).toMatchObject({
    code: 0,
    stdout: 'repo.login: m2 would be approved\nrepo.login: m3 would be approved\n',
  })
  expect(await scene.run(['answer', 'm2', 'perhaps'])).toMatchObject({ code: 2, stderr: expect.stringContaining('orch approve m2') })
  expect(await scene.run(['approve', 'm2'], { environment: { ORCH_SESSION: 'repo.login' } })).toMatchObject({ code: 1 })
  expect(await scene.run(['merge', 'login'])).toMatchObject({ code: 1, stdout: expect.stringContaining('orch approve m2 m3') })

  // The daemon is down, and none can be started: the answer is kept, and says so.
  await scene.killDaemon()
  const restore = await breakHome(scene)
  expect(await scene.run(['deny', 'm3', REASON])).toMatchObject({
    code: 0,
    stdout: 'repo.login: m3 denied; kept for the daemon.\n',
    stderr: expect.stringContaining('No daemon could be started'),
  })
  expect(await scene.run(['approve', 'm3'])).toMatchObject({ code: 1, stderr: expect.stringContaining(`denied: "${REASON}"`) })
  expect(kinds(await inbox(scene))).toEqual(['m2 gate repo.login'])
  expect((await scene.run(['inbox'])).stdout).toContain('1 answer is kept until the daemon runs again')
  restore()

  await scene.startDaemon()
  await until(() => scene.record('login').some((line) => JSON.stringify(line).includes('Mended.')), {
    what: 'the session mends it',
    deadlineMs: 60_000,
  })
  // What was not about the dependency is asked as it was: its files are the same.
  await until(async () => scene.status('login')?.reason === 'auth: changes auth/login.js', { what: 'one gate is left', deadlineMs: 60_000 })
  expect(readdirSync(join(scene.orch.orchHome, 'outbox')).filter((name) => name.endsWith('.md'))).toEqual([])
  expect(await scene.run(['approve', 'm2'])).toMatchObject({ code: 0, stdout: 'repo.login: m2 approved.\n' })
  await scene.untilStatus(['login'], 'Merged')
  expect(await scene.run(['deny', 'm2', 'no'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/m2 was answered already, at \S+: approved/),
  })
  expect(await scene.git('ls-tree', '--name-only', 'main')).not.toContain('package.json')
  expect(await inbox(scene)).toEqual({ schema: 1, items: [], kept: 0 })
  scene.expectNoRepeatedReplies()
})

async function inbox(scene: FleetScene): Promise<InboxAnswer> {
  return JSON.parse((await scene.run(['inbox', '--json'])).stdout) as InboxAnswer
}

/** No daemon can open its journal until it is put back. */
async function breakHome({ orch: { orchHome } }: FleetScene): Promise<() => void> {
  const [journal, aside] = [join(orchHome, 'journal'), join(orchHome, 'journal.aside')]
  renameSync(journal, aside)
  writeFileSync(journal, 'not a folder')
  return () => {
    rmSync(journal)
    renameSync(aside, journal)
  }
}
