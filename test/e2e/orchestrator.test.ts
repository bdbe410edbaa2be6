import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TmuxTerminal } from '../support/cli/tmux.ts'
import { installPlugin, openClaude } from '../support/claude/persons-session.ts'
import { runToEnd } from '../support/orch.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

const tool = (name: string, input: Readonly<Record<string, unknown>>) =>
  `{ tool: { name: mcp__plugin_orch_orch__${name}, input: ${JSON.stringify(input)} } }`
const commit = (file: string) =>
  `mkdir -p $(dirname ${file}) && echo work > ${file} && git add -A && git commit -qm 'Add ${file}' && orch done 'Added ${file}'`

/** The cart's session has its work done when the test says so, so that news comes in a known order. */
const script = `sessions:
  - match: { task: login }
    steps:
      - bash: ${commit('auth/login.js')}
      - end: Finished.
  - match: { task: cart }
    steps:
      - bash: until test -e "$HOME/cart-may-end"; do sleep 0.2; done; ${commit('src/cart.js')}
      - end: Finished.
  - match: { prompt: Lead }
    steps:
      - tools:
          - ${tool('spawn', { name: 'login', prompt: 'Add a login' })}
          - ${tool('spawn', { name: 'cart', prompt: 'Add a cart' })}
      - end: Both have begun.
    turns:
      - { when: repo.login needs you, steps: [{ end: The login touches auth. May it? }] }
      - { when: It may, steps: [${tool('approve', { ids: ['m2'] })}, { end: Said so. }] }
      - { when: repo.login is ready, steps: [{ end: Merge the login? }] }
      - { when: repo.cart is ready, steps: [{ end: Merge them both? }] }
      - { when: Merge both, steps: [${tool('merge', { names: ['login', 'cart'] })}, { end: Both have landed. }] }
`
const config = 'validate: "true"\nland: review\ngates:\n  - auth: ["**/auth/**"]\n'

/** As a person: who sees that something else stands in the line clears it first. */
const say = async (terminal: TmuxTerminal, words: string): Promise<void> => {
  for (let isTyped = false; !isTyped;) {
    await terminal.press('C-u')
    await terminal.type(words)
    isTyped = await within(2000, terminal, (text) => text.split('\n').some((line) => line.replace(/^❯\s/, '') === words))
  }
  await terminal.press('Enter')
}

const within = (ms: number, terminal: TmuxTerminal, isWanted: (text: string) => boolean): Promise<boolean> =>
  terminal.untilSeen(isWanted, 'it is so', ms).then(
    () => true,
    () => false,
  )

/** Claude Code takes a prompt before the servers of its plugins answer; a model would then have to wait for them. */
const untilConnected = async (terminal: TmuxTerminal): Promise<void> => {
  await say(terminal, '/mcp')
  await terminal.untilSeen((text) => /plugin:orch:orch.* \d+ tools/.test(text), 'the tools of orch are there')
  await terminal.press('Escape')
  await terminal.untilSeen((text) => !/ \d+ tools/.test(text), 'the list is closed')
}

/** Claude Code shows what it would do, and the person says yes. It passes over keys that come at once, which may have been meant for something else. */
const allow = async (terminal: TmuxTerminal, ...words: readonly string[]): Promise<string> => {
  const isAsked = (text: string) => text.includes('Do you want to proceed?') && words.every((word) => text.toLowerCase().includes(word))
  const seen = await terminal.untilSeen(isAsked, `it is asked for ${words.join(', ')}`)
  for (let isOpen = true; isOpen;) {
    await terminal.press('Enter')
    isOpen = !(await within(2000, terminal, (text) => !isAsked(text)))
  }
  return seen
}

fleetTest.for(['newest', 'oldest'] as const)(
  'a person leads two sessions from Claude Code, %s: it is woken by their news, asks them about a gate, and merges',
  { timeout: 240_000 },
  async (claude, { fleet }) => {
    const scene = await fleet.begin({ script, config, claude })
    await installPlugin(scene)
    await scene.startDaemon()
    const requests = () => scene.model.requests.filter(({ role, task }) => role === 'session' && task === undefined)
    const terminal = await openClaude(scene)
    try {
      await terminal.untilShows('❯')
      await untilConnected(terminal)
      await say(terminal, 'Lead: a login and a cart')
      await allow(terminal, 'spawn', 'name: "login"')
      await allow(terminal, 'spawn', 'name: "cart"')
      await terminal.untilShows('Both have begun.')

      // Nobody types: the gate's question comes by itself. The model cannot answer it without its person.
      await terminal.untilShows('The login touches auth. May it?')
      await say(terminal, 'It may')
      expect(await allow(terminal, 'approve', 'm2')).toContain('orch asks them first')
      await terminal.untilShows('Merge the login?')
      await say(terminal, '/exit')
      await terminal.untilEnded()
    } finally {
      await terminal.close()
    }

    // News that comes while it is closed is told when it is opened again, and nothing else is.
    writeFileSync(join(scene.orch.home, 'cart-may-end'), '')
    await scene.untilStatus(['login', 'cart'], 'Review')
    const again = await openClaude(scene, ['--resume', requests()[0]?.session ?? ''])
    try {
      await again.untilShows('Merge them both?')
      await untilConnected(again)
      await say(again, 'Merge both')
      await allow(again, 'merge', '"cart"')
      await again.untilShows('Both have landed.')
      await scene.untilStatus(['login', 'cart'], 'Merged')
      await say(again, '/exit')
      await again.untilEnded()
    } finally {
      await again.close()
    }
    // Each turn that was meant to be, once: a request while it waits, or news told twice, would be one more.
    expect(requests().map(({ turn, step }) => `${turn}.${step}`)).toEqual(['0.0', '0.1', '1.0', '2.0', '2.1', '3.0', '4.0', '5.0', '5.1'])
  },
)

fleetTest(
  'where no turn can be begun from outside news comes with the next prompt, once, and keeps no answer back',
  { timeout: 120_000 },
  async ({ fleet }) => {
    const scene = await fleet.begin({
      script: `sessions:
  - match: { task: login }
    steps:
      - bash: ${commit('src/login.js')}
      - end: Finished.
  - match: { prompt: /orch:spawn }
    steps: [${tool('spawn', { name: 'login', prompt: 'Add a login' })}, { end: It has begun. }, { end: Merge it? }, { end: Nothing new. }]
`,
      config: 'validate: "true"\nland: review\n',
    })
    await installPlugin(scene)
    await scene.startDaemon()
    const prompts: string[] = []
    scene.model.onRequest(({ role, task }, body) => role === 'session' && task === undefined && prompts.push(body))
    const session = randomUUID()
    const ask = async (words: string, ...args: readonly string[]): Promise<string> => {
      const { stdout } = await runToEnd('claude', ['-p', words, ...args], { cwd: scene.repository, environment: scene.environment })
      return stdout.trim()
    }
    expect(await ask('/orch:spawn login "Add a login"', '--session-id', session)).toBe('It has begun.')
    await scene.untilStatus(['login'], 'Review')
    expect(await ask('How is it?', '--resume', session)).toBe('Merge it?')
    expect(await ask('And now?', '--resume', session)).toBe('Nothing new.')
    // It stays in the conversation, where it came.
    expect(prompts.map((body) => body.split('repo.login is ready').length - 1)).toEqual([0, 0, 1, 1])
    expect(await scene.run(['merge', 'login'])).toMatchObject({ code: 0 })
  },
)
