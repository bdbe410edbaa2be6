import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { loadNotices } from '../../src/cli/tasks/notice-files.ts'
import { noticesFile } from '../../src/config/home.ts'
import { ownVersion } from '../../src/config/version.ts'
import type { Notice } from '../../src/domain/notices/notice.ts'
import { renderNoticeLines } from '../../src/domain/notices/notice-record.ts'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { startFakeDaemon, type FakeDaemon } from '../support/cli/fake-daemon.ts'
import { sampleFleet } from '../support/cli/fake-desk.ts'
import { startInTerminal } from '../support/cli/started-orch.ts'
import { TmuxTerminal } from '../support/cli/tmux.ts'
import { findLeftovers } from '../support/leftovers.ts'
import { orchProgram, orchTest, type OrchFixture } from '../support/orch.ts'

const ui = [process.execPath, orchProgram, 'ui'].map((word) => `'${word}'`).join(' ')
const HOUR = 3_600_000

/** Statuses whose ages stay the same while a test runs. */
function fleet(): readonly TaskStatus[] {
  const since = new Date(Date.now() - 5.5 * HOUR).toISOString()
  return sampleFleet().tasks.map((task) => ({ ...task, since, seenAt: since }))
}

async function openDaemon(orch: OrchFixture, tasks = fleet()): Promise<FakeDaemon> {
  const daemon = await startFakeDaemon(orch.orchHome, ownVersion())
  daemon.tasks = tasks
  for (const status of tasks) {
    const folder = join(orch.orchHome, 'sessions', status.handle)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'status.json'), JSON.stringify(status))
  }
  sayIn(daemon, 'text', 'I look at the schema first.', 1)
  return daemon
}

function sayIn(daemon: FakeDaemon, kind: string, text: string, next: number): void {
  const lines = [{ at: '2026-01-02T10:00:00.000Z', kind, text }]
  daemon.answers.set('/v1/tasks/log', { status: 200, body: { lines, record: '1.1', next, hasMore: false } })
}

/** What a daemon keeps of them. */
function tellNotices({ orchHome }: OrchFixture, ...handles: readonly string[]): void {
  const file = noticesFile({ root: orchHome })
  mkdirSync(dirname(file), { recursive: true })
  const lines = handles.map((handle, at) => {
    const notice: Notice = {
      id: handle,
      kind: 'ready',
      urgency: 'normal',
      at,
      handle,
      title: `${handle} is ready`,
      text: '',
      next: 'orch review',
    }
    return { n: at + 1, type: 'notice' as const, notice, to: [], at }
  })
  writeFileSync(file, renderNoticeLines(lines))
}

/** The board in a shell, which takes the terminal back when it ends or stops. */
async function openShell(
  orch: OrchFixture,
  columns: number,
  rows: number,
  more: Readonly<Record<string, string>> = {},
): Promise<TmuxTerminal> {
  const environment = { ...orch.environment, TZ: 'UTC', PS1: 'shell> ', ENV: '', ...more }
  const terminal = await TmuxTerminal.open(['/bin/sh', '-i'], { columns, rows, cwd: orch.folder, environment })
  await terminal.untilShows('shell>')
  await terminal.type(`${ui}; echo ended with $?`)
  await terminal.press('Enter')
  return terminal
}

orchTest('the live board in a real terminal: pictures, keys, wheel, resize, Ctrl-Z and back, and the end', async ({ orch }) => {
  const daemon = await openDaemon(orch)
  const terminal = await openShell(orch, 120, 30)
  try {
    await terminal.untilPicture('ui-120', 'I look at the schema first.', (text) => text)
    await terminal.press('j', 'j', 'Down')
    await terminal.untilShows('▸4 └ ◆ pay.frontend')
    // A task that the person turns to is no news any more; one that they moved past is.
    tellNotices(orch, 'app.docs', 'app.search')
    await terminal.press('6')
    await terminal.untilShows('▸6 ◆ docs')
    await terminal.press('k', 'k')
    await terminal.untilShows('▸4 └ ◆ pay.frontend')
    expect(loadNotices(orch.orchHome).notices.map(({ id, isOver }) => [id, isOver])).toEqual([
      ['app.docs', true],
      ['app.search', false],
    ])
    // The wheel over the list, then over the preview.
    await terminal.type('\u001b[<65;5;8M')
    await terminal.untilSeen((text) => text.includes('● app.web') && text.includes('I look at'), 'the preview of web')
    await terminal.type('\u001b[<64;90;20M')
    sayIn(daemon, 'tool-started', 'Bash: \u001b[2Jrm -rf / \u202eשלום עולם', 2)
    daemon.tell('task', { ...fleet()[0], reason: 'at work on 漢字' })
    await terminal.untilSeen((text) => text.includes('at work on 漢字') && text.includes('rm -rf /'), 'the change of the selected session')
    await terminal.untilPicture('ui-120-hostile', '›', (text) => text)
    await terminal.resize(60, 15)
    await terminal.untilPicture('ui-60', '▸5 ● web', (text) => text)
    await terminal.resize(59, 15)
    await terminal.untilShows('orch ui needs 60×15; this is 59×15.')
    await terminal.resize(120, 30)
    await terminal.untilShows('at work on 漢字')
    await terminal.press('C-z')
    await terminal.untilSeen((text) => text.includes('shell>') && !text.includes('Needs you'), 'the shell is back')
    await terminal.type('fg; echo ended with $?')
    await terminal.press('Enter')
    await terminal.untilShows('▸5 ● web')
    await terminal.press('q')
    await terminal.untilSeen((text) => text.includes('ended with 0') && !text.includes('Needs you'), 'the board has ended')
    expect(await terminal.modes()).toEqual({ isAlternate: false, isMouse: false })
  } finally {
    await terminal.close()
    await daemon.close()
  }
})

orchTest('when the daemon dies for good the files are shown, and why; Ctrl-C ends it and puts the terminal right', async ({ orch }) => {
  const daemon = await openDaemon(orch)
  const terminal = await openShell(orch, 100, 20)
  try {
    await terminal.untilShows('▸1 ! api')
    expect(await terminal.modes()).toEqual({ isAlternate: true, isMouse: true })
    // A daemon that this one cannot be: no new one starts in this home.
    writeFileSync(join(orch.orchHome, 'daemon-lock'), 'in the way')
    await daemon.close()
    await terminal.untilShows('✗ The daemon did not start')
    await terminal.press('C-c')
    await terminal.untilShows('ended with 130')
    expect(await terminal.modes()).toEqual({ isAlternate: false, isMouse: false })
    // The same when it is told to end from elsewhere.
    await terminal.type(`${ui}; echo ended with $?`)
    await terminal.press('Enter')
    await terminal.untilShows('▸1 ! api')
    for (const { pid, command } of findLeftovers(orch.home)) if (/bin\/orch ui/.test(command)) process.kill(pid, 'SIGTERM')
    await terminal.untilShows('ended with 143')
    expect(await terminal.modes()).toEqual({ isAlternate: false, isMouse: false })
  } finally {
    await terminal.close()
    await daemon.close()
  }
})

orchTest('without colours, in lines, and where there is no terminal', async ({ orch }) => {
  const daemon = await openDaemon(orch)
  try {
    const place = { repository: orch.folder, environment: { ...orch.environment, TERM: 'xterm-256color', NO_COLOR: '1' } }
    const plain = startInTerminal(place, ['ui'])
    await plain.says('I look at the schema first.')
    plain.types('q')
    const { code, stdout } = await plain.ended
    // oxlint-disable-next-line no-control-regex -- what colours a terminal begins with a control character
    expect([code, stdout.match(/\u001b\[[0-9;]+m/g)?.filter((found) => found !== '\u001b[0m')]).toEqual([0, []])

    const spoken = await orch.run(['ui', '--plain'], { input: 'next\n5\nshow nobody\nstatus\nquit\n' })
    expect(spoken).toMatchObject({ code: 0, stderr: '' })
    expect(spoken.stdout).toContain('app.api: needs you for 5 h: asks which database.')
    expect(spoken.stdout).toContain('there is no task nobody; list names them all')
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(spoken.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f─│]/)

    const piped = await orch.run(['ui'])
    expect(piped).toMatchObject({ code: 0, stderr: expect.stringContaining('the live board needs a terminal') })
  } finally {
    await daemon.close()
  }
})
