import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { TmuxTerminal } from '../support/cli/tmux.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { orchProgram } from '../support/orch.ts'

const bash = (command: string) => `bash: ${JSON.stringify(command)}`
const finish = (name: string) => bash(`echo ${name} > ${name}.txt && git add -A && git commit -qm 'Write ${name}' && orch done ready`)
const question =
  'question: "Which login?", header: Login, multiSelect: false, options: [{ label: JWT, description: a }, { label: Cookie, description: b }]'
/** Clears the screen, names the window, asks the terminal who it is, turns the direction of what follows. */
const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u001b[c\u202e reversed \u05e9\u05dc\u05d5\u05dd'
const script = `sessions:
  - match: { task: leave }
    steps:
      - ask: touch leave.txt
      - ${finish('leave')}
      - end: Finished.
  - match: { task: choose }
    steps:
      - tool: { name: AskUserQuestion, input: { questions: [{ ${question} }] } }
      - ${finish('choose')}
      - end: Finished.
  - match: { task: talk }
    steps:
      - bash: orch blocked 'Which colour?'
      - end: I wait.
    turns:
      - when: Blue it is
        steps:
          - ${finish('talk')}
          - end: Finished.
  - match: { task: hold }
    steps:
      - text: ${JSON.stringify(ESCAPES)}
        bash: cat ../gate
      - end: never
`
const config = `validate: "true"
land: review
tools: [Bash, Read, Edit, Write, AskUserQuestion]
permissions:
  ask: ["Bash(touch:*)"]
`

/** What is another in each run: ages, costs, commits, versions, and ids of requests. */
function normalize(text: string): string {
  return text
    .replaceAll(/ *\b\d+ (?:s|min|h)\b/g, ' ··')
    .replaceAll(/\b\d\d:\d\d\b/g, '··:··')
    .replaceAll(/\$\d+\.\d\d/g, '$·.··')
    .replaceAll(/\b[0-9a-f]{10}\b/g, '··········')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'uuid')
    .replaceAll(/\b[0-9a-f]{8}\b/g, '········')
    .replaceAll(/\(2\.1\.\d+\)/g, '(2.1.x)')
}

/** What lies over the board, without it. */
function dialogIn(text: string): string {
  return normalize(text).replace(/^[^]*?(?=^── )/m, '')
}

/** With a shell above it, which tells in the end how the terminal was left. */
function show(scene: FleetScene, size: { columns: number; rows: number }): Promise<TmuxTerminal> {
  const line =
    'stty -a > before.stty; "$@"; code=$?; stty -a > after.stty; cmp before.stty after.stty && echo "left with $code"; read -r line'
  const argv = ['/bin/sh', '-c', line, 'sh', process.execPath, orchProgram, 'ui']
  return TmuxTerminal.open(argv, { ...size, cwd: scene.repository, environment: scene.environment })
}

/** Only this task in the list, and selected. */
async function choose(terminal: TmuxTerminal, name: string): Promise<void> {
  await terminal.press('Escape')
  await terminal.type(`/${name}`)
  await terminal.press('Enter')
  await terminal.untilSeen((text) => text.includes(`only "${name}"`) && !text.includes('filter:'), `only ${name} is shown`)
}

const untilGone = (terminal: TmuxTerminal, words: string) => terminal.untilSeen((text) => !text.includes(words), `${words} is gone`)

fleetTest('a fleet is led by keys: looked at, answered, stopped, merged, added to', async ({ fleet }) => {
  const tasks = ['leave', 'choose', 'talk', 'hold']
  const scene = await fleet.begin({ script, config, tasks: tasks.map((name) => `- [ ] Write ${name}\n  - id: ${name}\n`).join('') })
  execFileSync('mkfifo', [join(scene.orch.folder, 'gate')])
  await scene.startDaemon()
  await scene.startBacklog()
  const terminal = await show(scene, { columns: 100, rows: 30 })
  const picture = (name: string, words: string) => terminal.untilPicture(`ui-${name}`, words, normalize)
  const dialog = (name: string, words: string) => terminal.untilPicture(`ui-${name}`, words, dialogIn)
  try {
    await scene.untilStatus(['leave', 'choose', 'talk'], 'Needs you')
    await until(() => scene.status('hold')?.reason.startsWith('Bash: cat') === true, { what: 'hold holds', deadlineMs: 60_000 })
    await terminal.untilShows('! 3 needs you · ● 1 working')

    // What a session says steers no terminal.
    await choose(terminal, 'hold')
    await picture('100-escapes', 'reversed')
    expect(await terminal.ask('pane_title')).not.toContain('owned')
    await terminal.resize(60, 15)
    await picture('60-board', '● hold')
    await terminal.press('Space')
    await terminal.type('a word')
    await picture('60-reply', 'a word▏')
    await terminal.resize(160, 50)
    await picture('160-reply', '│ ● repo.hold')
    await terminal.press('Escape')
    await untilGone(terminal, 'To repo.hold')
    await picture('160-board', 'reversed')
    await terminal.resize(100, 30)
    await picture('100-escapes', 'reversed')

    // What was typed and not sent is still there; sent, the session at work has it.
    await terminal.type('i')
    await terminal.untilShows('a word▏')
    await terminal.press('Enter')
    await terminal.untilShows('repo.hold: given the message.')
    const taken = () => JSON.stringify(scene.record('hold')).split('"state":"queued"').length - 1
    await until(() => taken() === 2, { what: 'it has its task and the word', deadlineMs: 60_000 })

    // A permission: what was written for a denial is kept, and denies nothing.
    await choose(terminal, 'leave')
    await terminal.press('Space')
    await dialog('100-permission', 'y approve')
    await terminal.type('nnot here')
    await terminal.untilShows('not here▏')
    await terminal.press('Escape')
    await terminal.untilShows('y approve')
    await terminal.type('y')
    await scene.untilStatus(['leave'], 'Review')
    await terminal.untilShows('◆ 1 review')

    // A choice.
    await choose(terminal, 'choose')
    await terminal.press('Space')
    await dialog('100-choice', '2 Cookie')
    await terminal.type('2')
    await terminal.untilShows('› 2 Cookie')
    await terminal.press('Enter')
    await scene.untilStatus(['choose'], 'Review')
    expect(JSON.stringify(scene.record('choose'))).toMatch(/Which login\?.{1,10}Cookie/)

    // A word of two lines, pasted: it arrives as one, and only with Enter.
    await choose(terminal, 'talk')
    await terminal.press('Space')
    await terminal.untilShows('Enter')
    await terminal.paste('Blue it is\nx $(touch owned) `y`')
    await terminal.untilShows('x $(touch owned) `y`▏')
    await terminal.press('Enter')
    await scene.untilStatus(['talk'], 'Review')
    expect(JSON.stringify(scene.record('talk')).includes('Blue it is\\nx $(touch owned) `y`')).toBe(true)

    // The diff, by the other key for replies too.
    await choose(terminal, 'talk')
    await terminal.type('d')
    await dialog('100-diff', '+ talk')
    await terminal.press('Escape')
    await terminal.type('i')
    await terminal.untilShows('To repo.talk')
    await terminal.press('Escape')

    // The queue's word first, then the merge, and how to take it back.
    await terminal.untilShows('the process was ended')
    await terminal.type('m')
    await dialog('100-merge', 'y merge')
    await terminal.type('y')
    await terminal.untilShows('To take it back: orch undo repo.talk')
    await scene.untilStatus(['talk'], 'Merged')
    await terminal.press('Enter')
    expect(await scene.git('show', 'main:talk.txt')).toBe('talk')

    // Stopping.
    await choose(terminal, 'hold')
    await terminal.type('x')
    await dialog('100-stop', 'Stop repo.hold? y / n')
    await terminal.type('n')
    await untilGone(terminal, 'Stop repo.hold?')
    await terminal.type('xy')
    await terminal.untilShows('repo.hold: stopped.')
    await scene.untilStatus(['hold'], 'Idle')

    // New ones.
    await terminal.type('Nextra')
    await terminal.press('Tab')
    await terminal.type('Write extra')
    await dialog('100-new', 'Write extra▏')
    await terminal.press('Enter')
    await untilGone(terminal, 'New session')
    await terminal.press('Escape')
    await terminal.type('nWrite a page')
    await terminal.untilShows('Write a page▏')
    await terminal.press('Enter')
    await scene.untilStatus([await quickTask(scene), 'extra'], 'Review')

    // Every command, as typed.
    await terminal.type(':log')
    await terminal.untilShows('orch log▏')
    await terminal.press('Tab')
    await terminal.untilShows('orch logs ▏')
    await terminal.type('cho')
    await terminal.press('Tab')
    await terminal.untilShows('orch logs choose ▏')
    await terminal.press('Enter')
    await terminal.untilShows('── orch logs choose ─')
    await terminal.untilShows('AskUserQuestion: Which login?')
    await terminal.press('Escape')
    await terminal.type('!')
    await terminal.untilShows('✓ logs choose')
    await terminal.type('G')
    await terminal.untilShows('✓ stop repo.hold')
    await terminal.press('Escape')
    await terminal.type('?')
    await dialog('100-help', 'Moving')
    await terminal.press('Escape')
    await terminal.type(':review')
    await terminal.press('Enter')
    await terminal.untilShows('Enter diff')
    await terminal.type('q')
    await terminal.untilSeen((text) => text.startsWith('orch · '), 'the board is back')
    await terminal.type('q')
    await terminal.untilShows('left with 0')
    expect([await terminal.ask('alternate_on'), await terminal.ask('cursor_flag'), await terminal.ask('mouse_any_flag')]).toEqual([
      '0',
      '1',
      '0',
    ])
    await terminal.press('Enter')
    await terminal.untilEnded()
  } finally {
    await terminal.close()
  }
  scene.expectNoRepeatedReplies()
})

const speaker = resolve(import.meta.dirname, '../fixtures/agents/speaks-and-waits.sh')

fleetTest('fifty live sessions, one of which has said 5 MB, are moved through and resized', async ({ fleet }) => {
  const ids = [...Array.from({ length: 49 }, (_, index) => `t${index + 1}`), 'big']
  const scene = await fleet.begin({
    config: `agent: { command: [sh, ${speaker}] }\nvalidate: "true"\nland: review\n`,
    tasks: ids.map((id) => `- [ ] Write ${id}\n  - id: ${id}\n`).join(''),
  })
  const gate = join(scene.orch.folder, 'gate')
  execFileSync('mkfifo', [gate])
  await scene.startDaemon()
  const terminal = await show(scene, { columns: 160, rows: 50 })
  try {
    await terminal.untilShows('orch · ')
    await scene.startBacklog({ max: ids.length })
    await terminal.untilShows('● 50 working', 120_000)
    await choose(terminal, 'write big')
    await terminal.untilShows('big stands at the gate')
    await terminal.untilShows('漢字 5000')
    expect(await terminal.text()).toContain('שלום')
    expect(await terminal.ask('pane_title')).not.toContain('owned')
    await terminal.press('Enter', 'g')
    await terminal.untilSeen((text) => !text.includes('big stands at the gate'), 'the beginning of what is kept')
    await terminal.type('G')
    await terminal.untilShows('big stands at the gate')
    await terminal.resize(60, 15)
    await terminal.untilSeen((text) => text.includes('big stands at the gate') && text.split('\n').length <= 16, 'the small screen')
    await terminal.resize(160, 50)
    await terminal.press('Escape', 'Escape', 'G')
    await terminal.untilSeen((text) => /^▸ {2}● /m.test(text), 'the last one is selected')
    await terminal.press('PPage', 'k', 'g')
    await terminal.untilSeen((text) => /^▸1 /m.test(text), 'the first one is selected')
    await terminal.type('9x')
    await terminal.untilShows('y stop · n · Esc')
    await terminal.type('n')
    await terminal.untilSeen((text) => /^▸9 /m.test(text) && !text.includes('y stop'), 'the ninth one is selected')
    closeSync(openSync(gate, 'w')) // whoever waits to open it, or reads, goes on
    await terminal.untilShows('◆ 50 review', 120_000)
    await terminal.type('q')
    await terminal.untilShows('left with 0')
    await terminal.press('Enter')
    await terminal.untilEnded()
  } finally {
    await terminal.close()
  }
})

/** Named by the time. */
function quickTask(scene: FleetScene): Promise<string> {
  const names = () => readdirSync(join(scene.orch.orchHome, 'sessions')).map((handle) => handle.replace(/^repo\./, ''))
  return until(() => names().find((name) => scene.status(name)?.kind === 'quick'), {
    what: 'the quick session is there',
    deadlineMs: 60_000,
  })
}
