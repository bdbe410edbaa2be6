import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { shellAgent } from '../support/fleet/hostile.ts'
import { expectNoLeftovers, findLeftovers } from '../support/leftovers.ts'
import { runToEnd } from '../support/orch.ts'
import { startInTerminal, startOrch } from '../support/cli/started-orch.ts'
import { temporaryFolder } from '../support/temporary.ts'

const worker = resolve(import.meta.dirname, '../fixtures/agents/works.mjs')
const config = `validate: "true"\nland: auto\nnudge-after: 1h\nagent:\n  command: [node, ${worker}]\n`
const tasks = `- [ ] Write alpha
  - id: alpha
- [ ] Write beta
  - id: beta
  - needs: alpha
`

interface Shown {
  readonly tasks: readonly {
    readonly task: string
    readonly status: string
    readonly requests: readonly { readonly id: string }[]
    readonly flags?: readonly string[]
  }[]
  readonly task?: object
}

const json = (ended: { stdout: string }): Shown => JSON.parse(ended.stdout) as Shown

async function spawned(scene: FleetScene, name: string, words: string, ...more: string[]): Promise<void> {
  expect(await scene.run(['spawn', name, words, ...more])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`repo.${name}: started on feature/${name}`),
  })
}

async function stopped(scene: FleetScene, task: string): Promise<void> {
  expect(await scene.run(['stop', task])).toMatchObject({ code: 0, stdout: `repo.${task}: stopped. No process of it runs any more.\n` })
  expect(scene.status(task)?.reason).toBe('stopped by you')
}

fleetTest('a backlog from init to a clean machine', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  const begun = await scene.run(['init'])
  expect(begun).toMatchObject({ code: 0, stdout: expect.stringContaining('wrote tasks.md') })
  expect(begun.stderr).toMatch(/ok {4}agent .*\n.*ok {4}validation +true/)
  expect(await scene.run(['plan'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Describe the first task') })
  writeFileSync(join(scene.repository, 'tasks.md'), tasks)
  await scene.git('add', '-A')
  await scene.git('commit', '-qm', 'Plan')

  expect(await scene.run(['doctor'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/ok {4}git identity +present/) })
  const planned = await scene.run(['plan'])
  const dry = await scene.run(['run', '--dry-run'])
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('longest chain: alpha → beta') })
  expect(dry.stdout).toContain(planned.stdout)
  expect(dry.stdout).toContain('would start 2')
  expect(await scene.git('branch', '--list', 'feature/*')).toBe('')

  const ran = await scene.run(['run'])
  expect(ran).toMatchObject({ code: 0, stdout: '2 of 2 landed · $0.00\n' })
  for (const line of ['repo.alpha: Working', 'repo.alpha: Merged', 'repo.beta: Queued: needs alpha', 'repo.beta: Merged'])
    expect(ran.stderr).toContain(line)
  expect(await scene.git('show', 'main:tasks.md')).toBe(tasks.replaceAll('[ ]', '[x]').trim())
  expect(await scene.run(['run'])).toMatchObject({ code: 0, stdout: 'nothing to do: all 2 tasks have landed\n' })

  expect(await scene.run(['cleanup', '--dry-run'])).toMatchObject({ code: 0, stdout: expect.stringContaining('repo.alpha: would remove') })
  expect(existsSync(`${scene.repository}-wt-alpha`)).toBe(true)
  const cleaned = await scene.run(['cleanup', 'alpha', 'beta'])
  expect(cleaned).toMatchObject({ code: 0, stdout: expect.stringMatching(/repo.alpha: removed[^]*archived in .*[^]*repo.beta: removed/) })
  expect(existsSync(`${scene.repository}-wt-alpha`)).toBe(false)
  expect(await scene.git('branch', '--list', 'feature/*')).toBe('')
  expect(await scene.run(['cleanup'])).toMatchObject({ code: 0, stdout: 'nothing to clean up\n' })
})

fleetTest('plan and run refuse a backlog in the same words', async ({ fleet }) => {
  const scene = await fleet.begin({
    config,
    tasks: '- [ ] A\n  - id: a\n  - owns: src/**\n- [ ] B\n  - id: b\n  - owns: src/x.ts\n- [ ] C\n  - needs: nobody\n',
  })
  const [planned, ran] = [await scene.run(['plan']), await scene.run(['run'])]
  expect(planned).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/tasks.md:4: .*both own the same files[^]*tasks.md:\d+: .*nobody/),
  })
  expect({ ...ran, stderr: ran.stderr.replace(/^.* …\n/, '') }).toEqual(planned)
  expect(await scene.run(['plan', 'nowhere.md'])).toMatchObject({ code: 2, stderr: expect.stringContaining('orch init') })
  expect(await scene.run(['run', '--only', 'ghost'])).toMatchObject({ code: 2 })
})

fleetTest('two runs at once start every task once', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks })
  const runs = await Promise.all([scene.run(['run', '--detach', '--json']), scene.run(['run', '--detach', '--json'])])
  const started = runs.flatMap(({ stdout }) => (JSON.parse(stdout) as { started: string[] }).started)
  expect(started.toSorted()).toEqual(['repo.alpha', 'repo.beta'])
  expect(await scene.run(['wait', '--for', 'merged', '--timeout', '60s'])).toMatchObject({ code: 0 })
})

fleetTest('Ctrl-C leaves the fleet running, and run again follows it to its end', async ({ fleet }) => {
  const scene = await fleet.begin({
    config,
    tasks: '- [ ] Write alpha and asks\n  - id: alpha\n- [ ] Write beta and waits\n  - id: beta\n',
  })
  const first = startOrch(scene, ['run'])
  await first.says('beta: Working: Bash: sleep 1000')
  first.signal('SIGINT')
  expect(await first.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('The fleet goes on without this view') })
  expect(scene.status('beta')?.status).toBe('Working')

  // The daemon is killed under a view that follows: the view starts another one and ends well.
  const second = startOrch(scene, ['run'])
  await second.says('beta: Working')
  const before = await daemonPid(scene)
  process.kill(before, 'SIGKILL')
  await second.says('the daemon ended; starting it again')
  await until(async () => (await daemonPid(scene)) !== before, { what: 'another daemon', deadlineMs: 60_000 })
  expect(await scene.run(['approve', 'ask-alpha'])).toMatchObject({ code: 0, stdout: 'repo.alpha: approved.\n' })
  await stopped(scene, 'beta')
  expect(await second.ended).toMatchObject({ code: 3, stdout: expect.stringContaining('1 of 2 landed') })
  expect(await scene.git('show', 'main:alpha.txt')).toContain('allowed')
})

fleetTest('a daemon of another version is replaced, and its sessions go on', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  await spawned(scene, 'long', 'Stay and waits')
  await scene.untilStatus(['long'], 'Working')
  const file = join(scene.orch.orchHome, 'daemon.json')
  const before = JSON.parse(readFileSync(file, 'utf8')) as { pid: number }
  writeFileSync(file, JSON.stringify({ ...before, version: '0.0.1' }))
  const sent = await scene.run(['send', 'long', 'hello', '--after-turn'])
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('version 0.0.1') })
  expect(await daemonPid(scene)).not.toBe(before.pid)
  expect(scene.status('long')?.status).toBe('Working')
  await stopped(scene, 'long')
})

fleetTest('stop answers when the process has ended, and the daemon may stop right after it', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent('trap "sleep 1; exit 0" TERM; echo $$ > pid; sleep 1000 & wait') })
  const begin = async (task: string): Promise<number> => {
    expect((await scene.run(['spawn', task, 'p'])).code).toBe(0)
    const file = `${scene.repository}-wt-${task}/pid`
    await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { what: `${task} runs`, deadlineMs: 60_000 })
    return Number(readFileSync(file, 'utf8'))
  }
  const one = await begin('one')
  await stopped(scene, 'one')
  expect(findLeftovers(scene.orch.home).map(({ pid }) => pid)).not.toContain(one)
  expect(await scene.run(['daemon', 'stop'])).toMatchObject({ code: 0 })
  await expectNoLeftovers(scene.orch.home)
  await stopped(scene, 'one')

  await begin('two')
  expect(await scene.run(['stop', 'two', '--no-wait'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('repo.two: told to stop.'),
  })
  await until(() => scene.status('two')?.reason === 'stopped by you', { what: 'two is stopped', deadlineMs: 60_000 })
})

fleetTest('what waits for a person is shown, answered and steered', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  await spawned(scene, 'asks', 'Clean and asks')
  await spawned(scene, 'asks2', 'Clean and asks')
  await spawned(scene, 'stuck', 'Choose and blocks')
  expect(await scene.run(['spawn', 'asks', 'again'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('there is already a task repo.asks'),
  })
  expect(await scene.run(['spawn', 'elsewhere', 'x', '--base', 'nosuch'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no commit or branch "nosuch"'),
  })
  expect(scene.status('elsewhere')).toBeUndefined()
  await scene.untilStatus(['asks', 'asks2', 'stuck'], 'Needs you')
  expect(await scene.run(['send', 'stcuk', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "stuck"?') })
  expect(await scene.run(['logs', 'stcuk'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "stuck"?') })
  expect(await scene.run(['merge', 'stuck', '--dry-run'])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('refused: there is no commit on the branch yet'),
  })
  expect(await scene.run(['wait', 'asks', '--timeout', '20s'])).toMatchObject({ code: 3 })
  expect(await scene.run(['wait', '--for', 'needs-you', '--timeout', '20s'])).toMatchObject({ code: 0 })

  const listed = json(await scene.run(['list', '--json']))
  expect(listed.tasks.find(({ task }) => task === 'asks')?.requests).toMatchObject([
    { id: 'ask-asks', tool: 'Bash', summary: 'rm -rf build' },
  ])
  expect((await scene.run(['list'])).stdout).toContain('ask-asks  may it run rm -rf build?')
  const monitor = await scene.run(['monitor'], { environment: { COLUMNS: '110' } })
  expect(monitor.stdout).toContain('orch approve ask-asks')
  expect(monitor.stdout).toContain('(blocked): which of the two?')
  expect(
    Math.max(
      ...monitor.stdout
        .split('\n')
        .filter((line) => line.startsWith('│'))
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(110)

  expect(await scene.run(['approve', 'ask-asks', '--dry-run'])).toMatchObject({
    code: 0,
    stdout: 'repo.asks: may it run rm -rf build? would be approved\n',
  })
  expect(await scene.run(['approve', ''])).toMatchObject({ code: 2 })
  expect(json(await scene.run(['approve', 'ask-asks', '--dry-run', '--json']))).toMatchObject({ task: { task: 'asks' }, isDryRun: true })
  expect(await scene.run(['approve', 'ask-asks'])).toMatchObject({ code: 0 })
  expect(await scene.run(['deny', 'ask-asks2', 'keep it'])).toMatchObject({ code: 0 })
  expect(await scene.run(['approve', 'nothing'])).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing waits for an answer') })
  expect(await scene.run(['send', 'stuck', 'the second'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['asks', 'asks2', 'stuck'], 'Review')
  expect(readFileSync(`${scene.repository}-wt-asks2/asks2.txt`, 'utf8')).toContain('denied: keep it')
  const logs = await scene.run(['logs', 'asks'])
  expect(logs.stdout).toMatch(/asks to use Bash: rm -rf build[^]*working on asks/)
  expect(await scene.run(['logs', '-', '--raw'])).toMatchObject({ code: 0, stdout: expect.stringContaining('"permission-asked"') })
  expect(await scene.run(['wait', '--timeout', '20s'])).toMatchObject({ code: 0 })
})

fleetTest('a session is paused, resumed and followed', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  await spawned(scene, 'long', 'Stay and waits')
  await scene.untilStatus(['long'], 'Working')
  const following = startOrch(scene, ['logs', 'long', '--follow'])
  await following.says('Bash: sleep 1000')
  expect(await scene.run(['pause', 'long', '--dry-run'])).toMatchObject({ code: 0, stdout: 'repo.long: would be paused.\n' })
  expect(await scene.run(['pause', '-'])).toMatchObject({ code: 0, stdout: 'repo.long: paused.\n' })
  await scene.untilStatus(['long'], 'Idle')
  expect(await scene.run(['wait', 'long', '--for', 'idle', '--timeout', '10s'])).toMatchObject({ code: 0 })
  expect(await scene.run(['wait', 'long', '--timeout', '1s'])).toMatchObject({ code: 3 })
  expect(await scene.run(['resume', 'feature/long'])).toMatchObject({ code: 0 })
  await following.says('working on long')
  following.signal('SIGINT')
  expect(await following.ended).toMatchObject({ code: 130 })
  await scene.untilStatus(['long'], 'Review')
  expect(await scene.run(['wait', 'long', '--for', 'merged', '--timeout', '1s'])).toMatchObject({ code: 3 })
})

fleetTest('merge lands what is clean and names what is not', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  await spawned(scene, 'one', 'Write the file shared.txt')
  await spawned(scene, 'two', 'Write again the file shared.txt')
  await spawned(scene, 'three', 'Write three')
  await spawned(scene, 'mess', 'Write it and leaves a mess')
  await scene.untilStatus(['one', 'two', 'three'], 'Review')
  await until(() => scene.status('mess')?.status === 'Idle', { what: 'mess is idle', deadlineMs: 60_000 })
  await stopped(scene, 'mess')

  const dry = await scene.run(['merge', 'one', '--dry-run'])
  expect(dry).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/repo.one.*would land[^]*conflict ahead: feature\/one and feature\/two both change shared.txt/),
  })
  expect(await scene.run(['merge', 'mess'])).toMatchObject({ code: 1, stdout: expect.stringContaining('uncommitted work: mess.txt') })
  // The target itself does not pass that: nobody is accused, and who asked hears it at once.
  expect(await scene.run(['merge', 'one', '--validate', 'echo "  3 tests failed"; false'])).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/repo.one: waits: the queue stands still: main itself fails/),
  })
  await scene.untilStatus(['one'], 'Needs you')
  expect(scene.status('one')).toMatchObject({ next: 'orch queue' })
  expect((await scene.run(['queue'])).stdout).toContain('stands still: main itself fails')
  expect(await scene.run(['queue', 'remove', 'one'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['one'], 'Review')
  expect(await scene.run(['merge', 'one'])).toMatchObject({ code: 0, stdout: expect.stringContaining('landed') })
  const all = await scene.run(['merge', '--all'])
  expect(all).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/repo.two: sent back: conflicts with repo.one, which has landed on main in shared.txt/),
  })
  expect(all.stdout).toMatch(/repo.three.*landed/)
  expect(await scene.run(['merge', 'one', '--all'])).toMatchObject({ code: 2 })
  expect(await scene.git('ls-tree', '--name-only', 'main')).toContain('three.txt')

  expect(await scene.run(['cleanup', 'two', '--dry-run'])).toMatchObject({ code: 1, stdout: expect.stringContaining('refused') })
  expect(await scene.run(['cleanup', 'two'])).toMatchObject({ code: 1, stdout: expect.stringMatching(/repo.two: refused.*[^]*--abandon/) })
  writeFileSync(`${scene.repository}-wt-mess/AGENT_NOTES.md`, 'the cache key must hold the tenant\n')
  const abandoned = await scene.run(['cleanup', 'two', 'mess', '--abandon', 'one was better'])
  expect(abandoned).toMatchObject({ code: 0, stdout: expect.stringContaining('| the cache key must hold the tenant') })
  expect(abandoned.stdout).not.toContain('Left to do')
  expect(await scene.git('branch', '--list', 'feature/two', 'feature/mess')).toBe('feature/two')
  expect(await scene.run(['cleanup', 'mess'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^repo.mess: was removed before.*\n$/),
  })
  expect(await scene.run(['cleanup', '--abandon', 'why'])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs names') })
  expect(await scene.git('for-each-ref', '--format=%(refname)', 'refs/orch/backup')).toContain('mess')
  expect(existsSync(`${scene.repository}-wt-mess`)).toBe(false)
  expect(scene.status('two')).toMatchObject({ status: 'Archived', reason: expect.stringContaining('one was better') })
})

fleetTest('quick work has a branch of its time and is gone after its merge', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  expect(await scene.run(['quick', 'Fix the typo', '--dry-run'])).toMatchObject({ code: 0, stdout: expect.stringContaining('would start') })
  const started = await scene.run(['quick', 'Fix the typo'])
  const [, task = ''] = /^repo\.(quick-\d{8}-\d{6}): started on quick\/\d{8}-\d{6}\n$/.exec(started.stdout) ?? []
  expect(task).not.toBe('')
  await scene.untilStatus([task], 'Review')
  expect(await scene.run(['merge', '-'])).toMatchObject({ code: 0 })
  await scene.untilStatus([task], 'Archived')
  expect(existsSync(`${scene.repository}-wt-${task}`)).toBe(false)
  expect(await scene.git('branch', '--list', 'quick/*')).toBe('')
})

fleetTest('a branch is called after its task, whatever other repositories call theirs', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  const other = join(temporaryFolder('orch-other-'), 'other')
  expect(await runToEnd('git', ['clone', '-q', scene.repository, other], { environment: scene.environment })).toMatchObject({ code: 0 })
  expect(await scene.run(['spawn', 'same', '--manual'])).toMatchObject({ code: 0 })
  expect(json(await scene.run(['spawn', 'same', '--manual', '--json'], { cwd: other })).task).toMatchObject({
    handle: 'other.same',
    branch: 'feature/same',
    worktree: `${other}-wt-same`,
  })
})

fleetTest('a manual session gets its worktree and a command that works', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  const manual = await scene.run(['spawn', 'by-hand', '--manual'])
  expect(manual).toMatchObject({ code: 0, stdout: `cd ${scene.repository}-wt-by-hand && node ${worker}\n` })
  expect(existsSync(`${scene.repository}-wt-by-hand/TASK.md`)).toBe(true)
  expect(await runToEnd('sh', ['-c', manual.stdout], { environment: scene.environment })).toMatchObject({ code: 0 })
  expect(json(await scene.run(['list', '--json'])).tasks).toMatchObject([{ task: 'by-hand', status: 'Idle' }])
})

fleetTest.skipIf(spawnSync('tmux', ['-V']).status !== 0)('--tmux opens a window of its name in the worktree', async ({ fleet }) => {
  const scene = await fleet.begin({ config, environment: { TMUX_TMPDIR: temporaryFolder('orch-tmux-') } })
  const tmux = (...args: string[]) => runToEnd('tmux', args, { environment: scene.environment, cwd: scene.repository })
  expect(await scene.run(['spawn', 'early', '--tmux'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/tmux opened no window[^]*Next: cd .*repo-wt-early/),
  })
  await tmux('new-session', '-d')
  try {
    expect(await scene.run(['spawn', 'view', '--tmux'])).toMatchObject({ code: 0, stdout: 'repo.view: opened in the tmux window view\n' })
    const windows = await tmux('list-windows', '-F', '#{window_name} #{pane_start_path}')
    expect(windows.stdout).toContain(`view ${scene.repository}-wt-view`)
  } finally {
    await tmux('kill-server')
  }
})

fleetTest('in a worktree: notes, inbox, tell, checkpoint, blocked and done', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  expect(await scene.run(['spawn', 'mine', '--manual'])).toMatchObject({ code: 0 })
  const cwd = `${scene.repository}-wt-mine`
  const here = (...args: string[]) => scene.run(args, { cwd })
  expect(await scene.run(['done'])).toMatchObject({ code: 2, stderr: expect.stringContaining('in no worktree of a task') })
  expect(await here('done')).toMatchObject({ code: 1, stderr: expect.stringContaining('no commit of its own') })
  writeFileSync(join(cwd, 'mine.txt'), 'mine\n')
  expect(await here('done')).toMatchObject({ code: 1, stderr: expect.stringContaining('uncommitted work in mine.txt') })
  expect(await scene.run(['notes', 'mine'])).toMatchObject({ code: 0, stdout: '', stderr: 'no notes yet\n' })
  expect(await here('notes', 'remember this')).toMatchObject({ code: 0 })
  expect(await scene.run(['notes', 'mine'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/remember this\n$/) })
  expect(await here('notes')).toMatchObject({ code: 0, stdout: expect.stringContaining('remember this') })
  expect(await here('inbox')).toMatchObject({ code: 0, stderr: 'nothing new\n' })
  expect(await scene.run(['send', 'mine', 'use the old schema'])).toMatchObject({ code: 0, stdout: expect.stringContaining('orch inbox') })
  expect(await scene.run(['send', 'mine', 'and the old name'])).toMatchObject({ code: 0 })
  expect(await here('inbox', '--dry-run')).toMatchObject({ stdout: 'use the old schema\nand the old name\n' })
  expect(await here('inbox')).toMatchObject({ stdout: 'use the old schema\nand the old name\n' })
  expect(await here('inbox')).toMatchObject({ stdout: '', stderr: 'nothing new\n' })
  expect(await here('tell', 'the flaky test is not mine')).toMatchObject({ code: 0 })
  expect(await here('blocked')).toMatchObject({ code: 2 })
  expect(await here('blocked', 'which one?', '--dry-run')).toMatchObject({ code: 0 })
  for (const args of [
    ['add', 'mine.txt'],
    ['commit', '-qm', 'Mine'],
  ])
    await scene.git('-C', cwd, ...args)
  expect(await here('checkpoint', 'it compiles')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^said checkpoint at [0-9a-f]{10}\n$/),
  })
  expect(await here('done', 'all there')).toMatchObject({ code: 0 })
  await scene.untilStatus(['mine'], 'Review')
  expect((await scene.run(['monitor'])).stdout).toContain('the flaky test is not mine')
  expect(await here('merge')).toMatchObject({ code: 0, stdout: expect.stringContaining('landed') })
  expect(await scene.git('show', 'main:mine.txt')).toBe('mine')
})

fleetTest('reading needs no daemon, settings are checked, and completion knows names', async ({ fleet }) => {
  const scene = await fleet.begin({ config })
  expect(await scene.run(['daemon', 'status'])).toMatchObject({ code: 1 })
  expect(await scene.run(['status'])).toMatchObject({ code: 0, stdout: 'repo: no sessions\n' })
  expect(await scene.run(['daemon', 'start'])).toMatchObject({ code: 0 })
  await spawned(scene, 'stuck', 'Choose and blocks')
  await scene.untilStatus(['stuck'], 'Needs you')
  expect(await scene.run(['daemon', 'status'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 live session,/) })
  const up = await scene.run(['monitor', '--json'])
  expect(await scene.run(['daemon', 'stop'])).toMatchObject({ code: 0, stdout: 'the daemon has stopped; sessions live on\n' })
  expect(json(await scene.run(['monitor', '--json'])).tasks).toEqual(json(up).tasks)
  expect((await scene.run(['status'])).stdout).toMatch(/^repo: 1 needs you \(stuck: which of the two\?\)/)
  expect((await scene.run(['__complete', '--', 'send', 's'])).stdout).toBe('stuck\tNeeds you: Choose and blocks\n')
  expect(await scene.run(['daemon', 'status'])).toMatchObject({ code: 1 })

  expect(await scene.run(['config', 'set', 'warn.idle', '1s'])).toMatchObject({ code: 0 })
  expect(await scene.run(['config', 'get', 'warn.idle'])).toMatchObject({ code: 0, stdout: '1s\n' })
  expect(await scene.run(['config', 'set', 'max', 'lots', '--dry-run'])).toMatchObject({ code: 2 })
  expect(await scene.run(['config', 'set', 'maxx', '8'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "max"?') })
  expect((await scene.run(['config', 'list'])).stdout).toMatch(/warn.idle +1s +\(.*orch.yaml:\d+\)/)
  expect(JSON.parse((await scene.run(['config', 'schema'])).stdout)).toMatchObject({ title: 'orch.yaml' })
  for (const shell of ['bash', 'zsh', 'fish'])
    expect(await scene.run(['completion', shell])).toMatchObject({ code: 0, stdout: expect.stringContaining('__complete') })
  await stopped(scene, 'stuck')
})

fleetTest('rehearse runs a backlog that is not committed, and the repository stays as it was', async ({ fleet }) => {
  const scene = await fleet.begin({ config: 'validate: "true"\n' })
  writeFileSync(join(scene.repository, 'tasks.md'), '- [ ] Say hello\n  - id: hello\n')
  const temporary = temporaryFolder('orch-tmp-')
  writeFileSync(join(scene.repository, 'broken.md'), '- [ ] Say hello\n  - needs: nobody\n')
  expect(await scene.run(['rehearse', 'broken.md'], { environment: { TMPDIR: temporary } })).toMatchObject({ code: 2 })
  expect(await scene.run(['rehearse', '--script', 'nowhere.yaml'], { environment: { TMPDIR: temporary } })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^orch: .*nowhere.yaml cannot be read: .*\nKept safe: .*\nNext: .*\n$/m),
  })
  expect(readdirSync(temporary)).toEqual([])
  rmSync(join(scene.repository, 'broken.md'))
  const before = await Promise.all([scene.git('for-each-ref'), scene.git('status', '--porcelain'), scene.git('worktree', 'list')])
  const rehearsed = await scene.run(['rehearse'], {
    environment: { TMPDIR: scene.orch.home, ORCH_CLAUDE_PATH: join(scene.orch.home, 'bin', 'claude') },
  })
  expect(rehearsed).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 landed') })
  expect(await Promise.all([scene.git('for-each-ref'), scene.git('status', '--porcelain'), scene.git('worktree', 'list')])).toEqual(before)
  expect(existsSync(join(scene.orch.orchHome, 'daemon.json'))).toBe(false)
})

fleetTest('a rehearsal that is interrupted leaves nothing running', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks: '- [ ] Stay and waits\n  - id: long\n' })
  const rehearsal = startOrch({ repository: scene.repository, environment: { ...scene.environment, TMPDIR: scene.orch.home } }, [
    'rehearse',
  ])
  await rehearsal.says('long: Working: Bash: sleep 1000')
  rehearsal.signal('SIGINT')
  expect(await rehearsal.ended).toMatchObject({ code: 130 })
  // That no process of this home is left is what every test here ends with.
})

fleetTest('a terminal shows the table of a run, redrawn', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks })
  const terminal = startInTerminal(scene, ['run'])
  const ended = await terminal.ended
  expect(ended.code).toBe(0)
  expect(ended.stdout).toMatch(/alpha +\S*Working/)
  expect(ended.stdout).toContain('2 of 2 landed')
})

fleetTest('Ctrl-C on a terminal leaves a fleet running and says so, and ends a rehearsal with all its sessions', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks: '- [ ] Stay and waits\n  - id: long\n' })
  const run = startInTerminal(scene, ['run'])
  await run.says('Bash: sleep 1000')
  run.types('\u0003')
  expect(await run.ended).toMatchObject({ code: 130, stdout: expect.stringContaining('The fleet goes on without this view') })
  expect(scene.status('long')?.status).toBe('Working')
  await stopped(scene, 'long')

  const rehearsal = startInTerminal({ ...scene, environment: { ...scene.environment, TMPDIR: scene.orch.home } }, ['rehearse'])
  await rehearsal.says('Bash: sleep 1000')
  rehearsal.types('\u0003')
  expect(await rehearsal.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/interrupted[^]*Remove it: rm -rf/) })
  // That no process of this home is left is what every test here ends with.
})

async function daemonPid(scene: FleetScene): Promise<number> {
  return (JSON.parse((await scene.run(['daemon', 'status', '--json'])).stdout) as { pid: number }).pid
}
