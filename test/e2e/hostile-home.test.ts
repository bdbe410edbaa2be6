import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { COMMITS, expectHarmless, shellAgent } from '../support/fleet/hostile.ts'
import { findLeftovers, stopByForce } from '../support/leftovers.ts'

const daemonProgram = resolve(import.meta.dirname, '../../dist/daemon/main.js')
const review = shellAgent(COMMITS, 'validate: "true"\nland: review\n')

/** A daemon has made one task and was stopped; its home is at hand. */
async function rested(scene: FleetScene): Promise<(path: string) => string> {
  expect((await scene.run(['spawn', 'one', 'p'])).code).toBe(0)
  await scene.untilStatus(['one'], 'Review')
  expect((await scene.run(['daemon', 'stop'])).code).toBe(0)
  return (path) => join(scene.orch.orchHome, path)
}

async function fleetNames(scene: FleetScene): Promise<string[]> {
  const { code, stderr } = await scene.run(['daemon', 'start'])
  expect(code, stderr).toBe(0)
  return (await scene.call<{ tasks: { handle: string }[] }>('GET', '/v1/tasks')).tasks.map(({ handle }) => handle)
}

fleetTest('a journal cut anywhere loses no more than its last line', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const at = await rested(scene)
  const journal = at('journal/events.jsonl')
  const whole = readFileSync(journal)
  let seed = 4711
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let round = 0; round < 4; round++) {
    truncateSync(journal, Math.max(1, whole.length - random(400)))
    expect(await fleetNames(scene)).toEqual(['repo.one'])
    await scene.untilStatus(['one'], 'Review')
    expect((await scene.run(['daemon', 'stop'])).code).toBe(0)
    writeFileSync(journal, whole)
  }
})

fleetTest('a journal with a corrupt line in the middle is left as it is, and the person is told what to do', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const at = await rested(scene)
  const journal = at('journal/events.jsonl')
  const lines = readFileSync(journal, 'utf8').split('\n')
  lines[2] = `{"v":1,"type":"st\u0000ep`
  const corrupt = lines.join('\n')
  writeFileSync(journal, corrupt)
  const refused = await scene.run(['spawn', 'two', 'p'])
  expect(refused.code).toBe(1)
  expectHarmless(refused.stderr, 'the refusal')
  expect(refused.stderr).toMatch(/Line 3 of .*events\.jsonl cannot be read/)
  expect(refused.stderr).toMatch(/^Kept safe: /m)
  expect(refused.stderr).toMatch(/^Next: .*line 3/m)
  expect(readFileSync(journal, 'utf8')).toBe(corrupt)
  expect((await scene.run(['list'])).stdout).toContain('repo.one')
  rmSync(journal)
})

fleetTest('torn and foreign files of a home cost what they held, not the fleet', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const at = await rested(scene)
  const status = at('sessions/repo.one/status.json')
  const good = readFileSync(status, 'utf8')
  for (const text of [
    '',
    '{"schema":1,"han',
    'null',
    good.replace(/"since": "[^"]*"/, '"since": "never"'),
    good.replace(/"messages": \[\]/, '"messages": [{"at":7}]').replace(/"seenAt": "[^"]*"/, '"seenAt": 7'),
  ]) {
    writeFileSync(status, text)
    const list = await scene.run(['list'])
    expect(list.code, `${text.slice(0, 40)}: ${list.stderr}`).toBe(0)
    expect(await fleetNames(scene), text.slice(0, 40)).toEqual(['repo.one'])
    await scene.untilStatus(['one'], 'Review')
    await scene.run(['daemon', 'stop'])
  }
  for (const text of ['{"runId":"repo', '{"runId":"repo.one#1","generation":1,"input":{}}']) {
    writeFileSync(at('sessions/repo.one/task.json'), text)
    expect(await fleetNames(scene), text).toEqual(['repo.one'])
    await scene.untilStatus(['one'], 'Review')
    await scene.run(['daemon', 'stop'])
  }
  mkdirSync(at('sessions/repo.empty'))
  mkdirSync(at('sessions/..foreign'))
  writeFileSync(at('sessions/repo.file'), 'x')
  expect(await fleetNames(scene)).toEqual(['repo.one'])
})

fleetTest(
  'a task that another version of orch began is said, its agent is ended, and resume begins it anew in its worktree',
  async ({ fleet }) => {
    const scene = await fleet.begin({
      config: shellAgent(`echo $$ > ../agent.pid; until test -e ../go; do sleep 0.1; done; ${COMMITS}`, 'validate: "true"\nland: review\n'),
    })
    const folder = join(scene.repository, '..')
    expect((await scene.run(['spawn', 'one', 'p'])).code).toBe(0)
    await until(() => existsSync(join(folder, 'agent.pid')), { what: 'the agent works', deadlineMs: 60_000 })
    await scene.untilStatus(['one'], 'Working')
    expect((await scene.run(['daemon', 'stop'])).code).toBe(0)
    const journal = join(scene.orch.orchHome, 'journal/events.jsonl')
    const text = readFileSync(journal, 'utf8')
    expect(text).toContain('"name":"worktree"')
    writeFileSync(journal, text.replace('"name":"worktree"', '"name":"a step of old"'))

    expect(await fleetNames(scene)).toEqual(['repo.one'])
    await scene.untilStatus(['one'], 'Failed')
    expect(scene.status('one')).toMatchObject({
      reason: 'another version of orch began it, and this one cannot go on with its record; worktree, branch and commits are kept',
      next: 'orch resume repo.one begins it anew in its worktree   or   orch cleanup repo.one --abandon "why"',
    })
    await until(() => !findLeftovers(scene.orch.home).some(({ command }) => command.includes('agent.pid')), { what: 'the agent is ended' })
    expect(await scene.run(['stop', 'one'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Next: orch resume repo\.one$/m) })
    expect((await scene.run(['daemon', 'stop'])).code).toBe(0)
    expect(await fleetNames(scene)).toEqual(['repo.one'])
    expect(scene.status('one')?.status).toBe('Failed')

    writeFileSync(join(folder, 'go'), '')
    expect((await scene.run(['resume', 'one'])).code).toBe(0)
    await scene.untilStatus(['one'], 'Review')
  },
)

fleetTest('a process without its plan is a task that needs a person, not a hang', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent('sleep 60') })
  expect((await scene.run(['spawn', 'one', 'p'])).code).toBe(0)
  await scene.untilStatus(['one'], 'Working')
  await scene.run(['daemon', 'stop'])
  rmSync(join(scene.orch.orchHome, 'sessions/repo.one/1.1/plan.json'))
  expect(await fleetNames(scene)).toEqual(['repo.one'])
  const stopped = await scene.run(['stop', 'one'])
  expect([0, 1, 3], stopped.stderr).toContain(stopped.code)
  expect(stopped.stderr).not.toContain('unexpected')
  for (const { pid, command } of findLeftovers(scene.orch.home)) if (/sleep 60|orch-session/.test(command)) stopByForce(pid)
})

fleetTest('a stale daemon.json, a foreign port and a damaged token are got over', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const at = await rested(scene)
  const { createServer } = await import('node:http')
  const foreign = createServer((_, response) => response.end('{"hello":"world"}'))
  await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening))
  const { port } = foreign.address() as { port: number }
  try {
    await scene.run(['daemon', 'start'])
    const stale = { ...(JSON.parse(readFileSync(at('daemon.json'), 'utf8')) as object), port }
    await scene.run(['daemon', 'stop'])
    writeFileSync(at('daemon.json'), JSON.stringify({ ...stale, pid: 999_999_999 }))
    expect((await scene.run(['spawn', 'dead-pid', 'p'])).code).toBe(0)
    await scene.run(['daemon', 'stop'])
    writeFileSync(at('daemon.json'), JSON.stringify({ ...stale, pid: process.pid }))
    const other = await scene.run(['spawn', 'live-pid', 'p'])
    expect(other.code, other.stderr).toBe(0)
    await scene.run(['daemon', 'stop'])
    for (const text of ['{"pid":', '{"pid":"1","port":"2"}']) {
      writeFileSync(at('daemon.json'), text)
      const { code, stderr } = await scene.run(['daemon', 'start'])
      expect(code, `${text}: ${stderr}`).toBe(0)
      await scene.run(['daemon', 'stop'])
    }
  } finally {
    foreign.close()
  }
  for (const [number, text] of [undefined, '', '[1,2,3]', `"${'x'.repeat(64)}\\n"`].entries()) {
    rmSync(at('daemon.token'), { force: true })
    if (text !== undefined) writeFileSync(at('daemon.token'), text, { mode: 0o644 })
    const { code, stderr } = await scene.run(['daemon', 'start'])
    expect(code, `${text}: ${stderr}`).toBe(0)
    expect(statSync(at('daemon.token')).mode & 0o777, String(text)).toBe(0o600)
    expect((await scene.run(['spawn', `token ${number}`, 'p'])).code).toBe(0)
    await scene.run(['daemon', 'stop'])
  }
  // A session outlives a daemon that stops before it has spoken to it, and waits for the next one.
  expect((await scene.run(['daemon', 'start'])).code).toBe(0)
  await scene.untilStatus(['dead-pid', 'live-pid', 'token-0', 'token-1', 'token-2', 'token-3'], 'Review')
})

fleetTest('of twenty daemons and ten clients at once one daemon lives, and all clients reach it', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const daemons = Array.from({ length: 20 }, () => spawn(process.execPath, [daemonProgram], { env: scene.environment, stdio: 'ignore' }))
  const ended = daemons.map((daemon) => new Promise<number | null>((exited) => daemon.once('exit', exited)))
  const clients = Array.from({ length: 10 }, (_, at) => scene.run(['spawn', `client ${at}`, 'p']))
  for (const { code, stderr } of await Promise.all(clients)) expect(code, stderr).toBe(0)
  await until(() => daemons.filter((daemon) => daemon.exitCode === null).length <= 1, { what: 'at most one is left', deadlineMs: 60_000 })
  const { pid } = await scene.call<{ pid: number }>('GET', '/v1/daemon')
  expect((await scene.call<{ tasks: unknown[] }>('GET', '/v1/tasks')).tasks.length).toBe(10)
  // Clients start daemons too, which find that there is one and end a moment after their client.
  const isAlone = (): boolean =>
    findLeftovers(scene.orch.home)
      .filter(({ command }) => command.includes('daemon/main.js'))
      .every((left) => left.pid === pid)
  await until(isAlone, { what: 'the daemon that answers is the only one' })
  await scene.untilStatus(
    Array.from({ length: 10 }, (_, at) => `client-${at}`),
    'Review',
  )
  await scene.run(['daemon', 'stop'])
  expect((await Promise.all(ended)).every((code) => code === 0)).toBe(true)
})

fleetTest('locks of dead processes and of nobody are taken over', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  await scene.startDaemon()
  await scene.killDaemon()
  for (const [path, text] of [
    ['daemon-lock/lock.999', 'garbage'],
    ['daemon-lock/lock.x', ''],
    ['daemon-lock/claim.0', '{'],
    ['daemon-lock/lock.1000', ''],
    ['daemon-lock/lock.1001', '{"v":1,"token":"t","pid":4194304,"startTime":"1","bootId":"x"}'],
  ] as const)
    writeFileSync(join(scene.orch.orchHome, path), text)
  expect((await scene.run(['spawn', 'one', 'p'])).code).toBe(0)
  await scene.untilStatus(['one'], 'Review')
})

function mountSmall(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=700', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

fleetTest('a full disk is said, loses nothing, and work goes on when there is room', async ({ fleet, skip }) => {
  const scene = await fleet.begin({ config: review })
  if (process.platform !== 'linux' || !mountSmall(scene.orch.orchHome)) skip('mounting a small file system needs root on Linux')
  const filler = join(scene.orch.orchHome, 'filler')
  try {
    expect((await scene.run(['spawn', 'before', 'p'])).code).toBe(0)
    await scene.untilStatus(['before'], 'Review')
    execFileSync('sh', ['-c', 'dd if=/dev/zero of="$0" bs=1k 2>/dev/null || true', filler])
    const refused = await scene.run(['spawn', 'during', 'p'])
    expect(refused.code, refused.stdout).not.toBe(0)
    expect(refused.stderr).toMatch(/disk|space|ENOSPC/i)
    expect(refused.stderr).toMatch(/^Next: /m)
    expect((await scene.run(['list'])).stdout).toContain('repo.before')
    rmSync(filler)
    const after = await scene.run(['spawn', 'after', 'p'])
    expect(after.code, after.stderr).toBe(0)
    await scene.untilStatus(['after', 'before'], 'Review')
    expect((await scene.run(['merge', 'before', 'after'])).code).toBe(0)
    await scene.run(['daemon', 'stop'])
  } finally {
    await until(() => findLeftovers(scene.orch.home).length === 0, { what: 'nobody holds it', deadlineMs: 5000 }).catch(() => undefined)
    execFileSync('umount', ['-l', scene.orch.orchHome])
  }
})

fleetTest('a home that cannot be written says so', async ({ fleet }) => {
  const scene = await fleet.begin({ config: review })
  const readOnly = join(scene.orch.home, 'file')
  writeFileSync(readOnly, 'not a folder')
  for (const home of [readOnly, join(readOnly, 'below')]) {
    for (const command of [['status'], ['list'], ['spawn', 'x', 'p']]) {
      const { code, stdout, stderr } = await scene.run(command, { environment: { ORCH_HOME: home }, deadlineMs: 60_000 })
      expectHarmless(stdout + stderr, command.join(' '))
      expect(stderr, `${command.join(' ')} in ${home}`).not.toMatch(/unexpected|at .*\.js:/)
      if (command[0] === 'spawn') {
        expect(code).toBe(1)
        expect(stderr).toMatch(/^Next: /m)
      }
    }
  }
  expect(existsSync(scene.orch.orchHome)).toBe(false)
  appendFileSync(readOnly, '')
  chmodSync(readOnly, 0o600)
})
