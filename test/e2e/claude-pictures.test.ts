import { resolve } from 'node:path'
import { expect } from 'vitest'
import { installPlugin, openClaude } from '../support/claude/persons-session.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

const worker = resolve(import.meta.dirname, '../fixtures/agents/works.mjs')
const config = `validate: "true"\nland: review\nnudge-after: 1h\nagent:\n  command: [node, ${worker}]\n`
const tasks = `- [ ] Add a login page
  - id: login
- [ ] Add a cart, and asks
  - id: cart
- [ ] Add a search, and waits
  - id: search
`
const script = `
default:
  - text: The login is ready, and its checks have passed. I propose to land it.
    tools: [{ tool: { name: mcp__plugin_orch_orch__merge, input: { names: [login] } } }]
  - end: Left it to you.
`

fleetTest('the pictures of the guide are what a person sees in Claude Code', async ({ fleet }) => {
  const scene = await fleet.begin({ config, tasks, script })
  await installPlugin(scene)
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['login'], 'Review')
  await scene.untilStatus(['cart'], 'Needs you')
  await scene.untilStatus(['search'], 'Working')
  const terminal = await openClaude(scene)
  try {
    await terminal.resize(110, 26)
    await terminal.untilShows('❯')
    await terminal.type('/orch:inbox')
    await terminal.untilShows('/orch:inbox')
    await terminal.press('Enter')
    await terminal.untilDrawn('claude-inbox', 'Original prompt: /orch:inbox', 'Claude Code with the answer of /orch:inbox', tidy)
    expect(scene.model.requests.filter(({ role }) => role === 'session')).toEqual([])

    await terminal.type('Is the login ready?')
    await terminal.untilShows('Is the login ready?')
    await terminal.press('Enter')
    await terminal.untilDrawn('claude-asks', 'Do you want to proceed?', 'Claude Code asks its person before orch merges', tidy)
    expect(scene.status('login')).toMatchObject({ status: 'Review' })
  } finally {
    await terminal.close()
    await scene.run(['stop', 'cart'])
    await scene.run(['stop', 'search'])
  }
})

/** Without what is another in every run: the logo above, which moves; hints that come and go; the temporary folder. */
function tidy(screen: string): string {
  const lines = screen.split('\n').filter((line) => !/\/effort|for shortcuts/.test(line))
  const begin = lines.findLastIndex((line) => /UserPromptExpansion|Is the login ready/.test(line))
  return lines
    .slice(Math.max(0, begin))
    .map((line) => line.replace(/\S*\/work\/repo/, '~/work/repo'))
    .join('\n')
}
