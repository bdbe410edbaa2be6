import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { NoticeLine } from '../../src/domain/notices/notice-record.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { foundNotices, noticeLines } from '../support/notices/notice-lines.ts'
import { type Received, Receiver } from '../support/notices/receiver.ts'
import { StubProgram } from '../support/notices/stub-program.ts'

const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSByZWNlaXZlcg=='
const script = `sessions:
  - match: { task: asker }
    steps:
      - ask: touch asker.txt
      - bash: "git add -A && git commit -qm 'Add asker' && orch done ready"
      - end: Finished.
`

fleetTest('what needs the person reaches them once on each channel, whoever dies, and what is over is not told', async ({ fleet }) => {
  const receiver = await Receiver.open()
  // The first is taken and never answered: the daemon dies over it.
  receiver.answer = (count) => (count === 1 ? 'hang' : { status: count === 2 ? 503 : 200 })
  const desktop = new StubProgram(process.platform === 'darwin' ? 'osascript' : 'notify-send')
  const scene = await fleet.begin({
    tasks: '# Backlog\n\n- [ ] asker\n  - id: asker\n',
    config: 'validate: "true"\npermissions:\n  ask: ["Bash(touch:*)"]\n',
    script,
    environment: { ORCH_NOTIFY_CHANNELS: 'desktop,webhook', HOOK_SECRET: SECRET },
  })
  const start = (): Promise<void> => scene.startDaemon(desktop.before(scene.environment))
  await start()
  writeFileSync(join(scene.orch.orchHome, 'config.yaml'), `notify:\n  webhooks: [{ url: "${receiver.url}", secret-env: HOOK_SECRET }]\n`)
  await scene.startBacklog()
  await receiver.untilReceived(1)
  await until(() => noticeLines(scene.orch.orchHome).some((line) => line.type === 'sent' && line.channel === 'desktop'), {
    what: 'the desktop is told',
  })
  await scene.killDaemon()

  await start()
  await receiver.untilReceived(3)
  const [first, second, third] = receiver.received
  expect(new Set([first, second, third].map((each) => each?.headers['webhook-id'])).size).toBe(1)
  expect([second?.body, third?.body]).toEqual([first?.body, first?.body])
  expect(first?.body).toContain('repo.asker needs you')
  for (const each of receiver.received) expectSigned(each)
  expect(desktop.calls().map(({ args }) => args.slice(-2))).toEqual([
    ['repo.asker needs you', expect.stringMatching(/^may it run touch asker\.txt\?\norch approve /)],
  ])

  const listed = JSON.parse((await scene.run(['notify', 'list', '--json'])).stdout) as { notices: { kind: string; next: string }[] }
  expect(listed.notices).toMatchObject([{ kind: 'needs-you', next: expect.stringMatching(/^orch approve /) as string }])
  const approve = listed.notices[0]?.next.split('   ')[0]?.split(' ').slice(1) ?? []
  expect(await scene.run(approve)).toMatchObject({ code: 0 })
  await scene.untilStatus(['asker'], 'Merged')
  await until(() => settled(scene).length === 1 && foundNotices(scene.orch.orchHome).includes('landed repo.asker'), {
    what: 'the answer and the landing are on record',
  })

  await scene.killDaemon()
  const before = noticeLines(scene.orch.orchHome)
  await start()
  expect((await scene.run(['status'])).code).toBe(0)
  expect(noticeLines(scene.orch.orchHome)).toEqual(before)
  expect((await scene.run(['notify', 'list'])).stdout).toContain('repo.asker has landed')
  expect(await scene.run(['notify', 'seen', 'repo.asker'])).toMatchObject({ code: 0 })
  expect((await scene.run(['notify', 'list'])).stdout).toBe('There is nothing new.\n')
  await until(() => noticeLines(scene.orch.orchHome).some((line) => line.type === 'over' && line.why === 'seen'), {
    what: 'the daemon takes it',
  })
  expect(receiver.received).toHaveLength(3)
  expect(desktop.calls()).toHaveLength(1)
})

fleetTest('orch notify test tells each channel that is configured, says what fails, and shows no address', async ({ fleet }) => {
  const receiver = await Receiver.open()
  const program = new StubProgram('page-me')
  const scene = await fleet.begin({
    tasks: '# Backlog\n',
    environment: { ORCH_NOTIFY_CHANNELS: 'webhook,command', ORCH_NOTIFY_COMMAND: 'page-me,--loud' },
  })
  const webhooks = JSON.stringify([{ url: receiver.url }, { 'url-env': 'NO_SUCH_HOOK' }])
  const set = await scene.run(['config', 'set', 'notify.webhooks', webhooks])
  expect(set).toMatchObject({ code: 0 })
  const environment = program.before(scene.environment)
  const dry = await scene.run(['notify', 'test', '--dry-run'], { environment })
  expect([dry.code, receiver.received.length]).toEqual([0, 0])
  const tested = await scene.run(['notify', 'test', '--json'], { environment })
  expect(tested.code).toBe(1)
  expect(JSON.parse(tested.stdout)).toMatchObject({
    channels: [
      { channel: 'webhook:1', outcome: 'told' },
      { channel: 'webhook:2', outcome: 'failed', reason: "NO_SUCH_HOOK is not set where orch's daemon was started" },
      { channel: 'command', outcome: 'told' },
    ],
  })
  expect(receiver.received.map(({ path, body }) => [path, body.includes('orch can reach you')])).toEqual([['/services/SECRET-PATH', true]])
  const [call] = program.calls()
  expect(call?.args).toEqual(['--loud'])
  expect(JSON.parse(call?.stdin ?? '')).toMatchObject({ schema: 1, title: 'orch can reach you', notices: [{ kind: 'finished' }] })
  expect(call?.environment).toMatch(/^ORCH_NOTICE_TITLE=orch can reach you$/m)
  const shown = await Promise.all(
    [
      ['config', 'list'],
      ['config', 'list', '--json'],
      ['config', 'get', 'notify.webhooks'],
    ].map((args) => scene.run(args)),
  )
  expect([set, tested, ...shown].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain('SECRET-PATH')
  expect(shown[2]?.stdout).toContain(new URL(receiver.url).host)
})

function settled(scene: FleetScene): readonly NoticeLine[] {
  return noticeLines(scene.orch.orchHome).filter((line) => line.type === 'over' && line.why === 'settled')
}

function expectSigned({ headers, body }: Received): void {
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
  const signed = createHmac('sha256', key).update([headers['webhook-id'], headers['webhook-timestamp'], body].join('.'))
  expect(headers['webhook-signature']).toBe(`v1,${signed.digest('base64')}`)
}
