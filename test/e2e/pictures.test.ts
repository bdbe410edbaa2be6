import { expect } from 'vitest'
import { fleetTest } from '../support/fleet/fleet.ts'
import { orchProgram } from '../support/orch.ts'
import { TmuxTerminal } from '../support/cli/tmux.ts'

const commit = (message: string) => `git add -A && git commit -qm '${message}' && orch done '${message}'`
const script = `sessions:
  - match: { task: checkout }
    steps:
      - text: The totals are computed in one place now. I will add the migration for old carts.
        tools:
          - write: src/checkout.js
            content: |
              export const total = (items) => items.reduce((sum, item) => sum + item.price, 0)
          - bash: node --check src/checkout.js
      - text: It changes the database of the shop, so I ask before I run it.
        bash: npm run migrate
  - match: { task: search }
    steps:
      - text: I look at how the index is built before I touch it.
        tools:
          - read: src/index.js
      - write: src/search.js
        content: |
          export const find = (index, words) => words.flatMap((word) => index.get(word) ?? [])
      - end: Found.
        delay: 1h
  - match: { task: index }
    steps:
      - read: src/index.js
      - edit: src/index.js
        from: "export const add = (index, word, article) => index.set(word, article)"
        to: |
          /** Each word with all the articles that have it. */
          export function add(index, word, article) {
            const known = index.get(word) ?? []
            if (!known.includes(article)) index.set(word, [...known, article])
          }
      - bash: ${commit('Keep every article of a word')}
      - end: Finished.
  - match: { task: mail }
    steps:
      - write: src/mail.js
        content: "send("
      - bash: ${commit('Send a receipt')}
      - end: Finished.
`
const tasks = `- [ ] Move the carts to the new totals
  - id: checkout
- [ ] Search by several words
  - id: search
- [ ] Keep every article of a word
  - id: index
- [ ] Send a receipt
  - id: mail
`
const config =
  'validate: for f in src/*.js; do node --check $f || exit 1; done\nretries: 1\nland: review\npermissions: { ask: ["Bash(npm run *)"] }\n'

fleetTest('the pictures of the documents show what the product shows', async ({ fleet }) => {
  const scene = await fleet.begin({
    script,
    tasks,
    config,
    files: { 'src/index.js': 'export const index = new Map()\n\nexport const add = (index, word, article) => index.set(word, article)\n' },
  })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['checkout'], 'Needs you')
  await scene.untilStatus(['index'], 'Review')
  await scene.untilStatus(['search'], 'Working')
  await scene.untilStatus(['mail'], 'Failed')
  const terminal = await TmuxTerminal.open([process.execPath, orchProgram, 'ui'], {
    columns: 120,
    rows: 32,
    cwd: scene.repository,
    environment: { ...scene.environment, NO_COLOR: '', FORCE_COLOR: '1' },
  })
  try {
    await terminal.untilDrawn('board', 'It changes the database', 'orch ui: four sessions, and what the selected one says and does')
    await terminal.type('n')
    await terminal.press('Escape')
    await terminal.type('3m')
    await terminal.untilDrawn('merge', 'Before it  nobody', 'The merge dialog: what the queue would do')
    await terminal.press('Escape')
    await terminal.type('d')
    await terminal.untilDrawn('diff', 'Each word with', 'The diff of a branch, with the colours of its language')
    await terminal.press('Escape')
    await terminal.type('q')
    await terminal.untilEnded()
  } finally {
    await terminal.close()
    for (const task of ['checkout', 'search', 'mail']) expect((await scene.run(['stop', task])).code).toBe(0)
  }
})
