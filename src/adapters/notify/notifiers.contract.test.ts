import { Receiver } from '../../../test/support/notices/receiver.ts'
import { StubProgram } from '../../../test/support/notices/stub-program.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { type NotifierScene, notifierContract } from '../../ports/notifier.contract.ts'
import { commandNotifier } from './command.ts'
import { desktopNotifier } from './desktop.ts'
import { webhookNotifier } from './webhook.ts'

notifierContract('webhook', async (): Promise<NotifierScene> => {
  const receiver = await Receiver.open()
  const [channel, address] = ['webhook:1', { url: receiver.url }]
  const statuses = { take: { status: 200 }, later: { status: 503 }, never: { status: 410 }, hang: 'hang' } as const
  return {
    notifier: webhookNotifier({ channel, address, environment: {}, now: () => 0 }),
    told: () => receiver.received.map(({ body }) => (JSON.parse(body) as { text: string }).text),
    behave: (how) => {
      receiver.answer = () => statuses[how]
    },
    isHanging: () => receiver.untilReceived(1),
  }
})

for (const desktop of ['linux', 'macos'] as const)
  notifierContract(`desktop on ${desktop}`, async () => {
    const program = new StubProgram(desktop === 'linux' ? 'notify-send' : 'osascript')
    const notifier = desktopNotifier({ environment: program.environment, desktop })
    return programScene(program, notifier, ({ args }) => args.slice(-2).join('\n'))
  })

notifierContract('command', async () => {
  const program = new StubProgram('page-me')
  const notifier = commandNotifier({ argv: ['page-me', '--loud'], cwd: temporaryFolder(), environment: program.environment })
  return programScene(program, notifier, ({ stdin }) => {
    const { title, text, next } = JSON.parse(stdin) as Record<string, string>
    return [title, text, next].join('\n')
  })
})

type Call = ReturnType<StubProgram['calls']>[number]

function programScene(program: StubProgram, notifier: NotifierScene['notifier'], text: (call: Call) => string): NotifierScene {
  return {
    notifier,
    told: () => program.calls().map(text),
    behave: (how) => {
      if (how === 'never') program.remove()
      else program.install()
      program.endWith(how === 'later' ? 3 : 0)
      if (how === 'hang') program.hang()
    },
    isHanging: () => program.isHanging(),
  }
}
