import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { StubProgram } from '../../../test/support/notices/stub-program.ts'
import { failureCode } from '../../foundation/failure.ts'
import { someNotice } from '../../ports/notifier.contract.ts'
import { desktopNotifier } from './desktop.ts'
import { desktopArgv } from './desktop-programs.ts'

const quiet = new AbortController().signal
const hostile = [
  `--help`,
  `-e do shell script "touch /tmp/x"`,
  `"; touch /tmp/x; echo '`,
  '$(touch /tmp/x) `touch /tmp/x` ${HOME} %s %n',
  'two\nlines\tand a tab',
  String.raw`\n \t \\ \0 C:\new`,
  '<b>bold</b> &amp; <a href="x">link</a>',
  'שלום \u0645\u0631\u062d\u0628\u0627',
  "'); Start-Process calc; ('",
]

test.each(hostile)('the text reaches the program as it is, whatever it contains: %j', async (text) => {
  for (const [desktop, name] of [
    ['linux', 'notify-send'],
    ['macos', 'osascript'],
  ] as const) {
    const program = new StubProgram(name)
    await desktopNotifier({ environment: program.environment, desktop }).tell(
      { key: 'k', notices: [someNotice({ title: text, text, next: 'orch inbox' })] },
      quiet,
    )
    const [call] = program.calls()
    const [title, body] = (call?.args ?? []).slice(-2)
    expect(title).toBe(text)
    expect(desktop === 'linux' ? fromMarkup(body ?? '') : body).toBe(`${text}\norch inbox`)
    expect(call?.args.slice(0, -2)).toEqual(fixed[desktop])
  }
})

const fixed = {
  linux: ['--app-name=orch', '--urgency=critical', '--'],
  macos: ['-e', 'on run argv', '-e', 'display notification (item 3 of argv) with title (item 2 of argv)', '-e', 'end run', 'orch'],
}

/** As notify-send and the desktop read it. */
function fromMarkup(body: string): string {
  return body.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replaceAll('\\\\', '\\')
}

test.each(hostile)('on Windows nothing of the text is script: %j', (text) => {
  const words = { title: text, text, next: 'orch inbox', urgency: 'high' } as const
  const argv = desktopArgv('windows', words)
  const script = Buffer.from(argv.at(-1) ?? '', 'base64').toString('utf16le')
  const literals = [...script.matchAll(/FromBase64String\('([A-Za-z0-9+/=]*)'\)/g)].map(([, word = '']) => word)
  expect(literals.map((word) => Buffer.from(word, 'base64').toString('utf8'))).toEqual([text, `${text}\norch inbox`])
  const without = script.replaceAll(/FromBase64String\('[^']*'\)/g, 'FromBase64String()')
  const plain = desktopArgv('windows', { ...words, title: '', text: '', next: '' })
  expect(without).toBe(
    Buffer.from(plain.at(-1) ?? '', 'base64')
      .toString('utf16le')
      .replaceAll(/FromBase64String\('[^']*'\)/g, 'FromBase64String()'),
  )
  expect(argv.slice(0, -1)).toEqual(['powershell.exe', '-NoProfile', '-NonInteractive', '-EncodedCommand'])
})

test('a desktop without the program is refused with what to do, and asked no second time', async () => {
  const tell = desktopNotifier({ environment: { PATH: '/nonexistent' }, desktop: 'linux' }).tell(
    { key: 'k', notices: [someNotice()] },
    quiet,
  )
  await expect(tell).rejects.toMatchObject({ code: 'notify-refused', next: expect.stringContaining('libnotify') as string })
})

test('one that does not end is ended, with what it started', async () => {
  const program = new StubProgram('notify-send')
  program.hang()
  const notifier = desktopNotifier({ environment: program.environment, desktop: 'linux', timeoutMs: 200 })
  expect(await notifier.tell({ key: 'k', notices: [someNotice()] }, quiet).catch(failureCode)).toBe('notify-later')
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(program.environment['PATH']?.split(':')[0])
})
