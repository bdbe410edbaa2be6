import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FlakyResponse } from '../../src/protocol/queue.ts'
import type { MergeResponse } from '../../src/protocol/responses.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { runToEnd } from '../support/orch.ts'

// Eight real sessions whose work meets in the queue: two pieces each right alone and wrong together, two that change the same line, one that
// forgot a file, one with a test that fails by bad luck. The queue says who mends what, the sessions mend it, and all of it lands.

const project = {
  '.gitignore': 'rates.json\n',
  'shop/price.js': 'exports.price = (net) => net * 1.2\n',
  'shop/words.js': "exports.greeting = 'hello'\n",
  'test/price.test.js': `const { test } = require('node:test')
const assert = require('node:assert')
const shop = require('../shop/price.js')

test('tax is added', () => assert.equal((shop.gross ?? shop.price)(100), 120))
`,
}

const testOf = (name: string, body: string, requires = '') =>
  `const { test } = require('node:test')\nconst assert = require('node:assert')\n${requires}\ntest(${JSON.stringify(name)}, () => {\n  ${body}\n})\n`

const work: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  alpha: {
    'shop/alpha.js': 'exports.alpha = 1\n',
    'test/alpha.test.js': testOf('alpha', "assert.equal(require('../shop/alpha.js').alpha, 1)"),
  },
  beta: { 'shop/beta.js': 'exports.beta = 2\n', 'test/beta.test.js': testOf('beta', "assert.equal(require('../shop/beta.js').beta, 2)") },
  // These two: each is right alone.
  rename: { 'shop/price.js': 'exports.gross = (net) => net * 1.2\n' },
  invoice: {
    'shop/invoice.js': "const { price } = require('./price.js')\nexports.invoice = (net) => `due: ${price(net)}`\n",
    'test/invoice.test.js': testOf('the invoice says what is due', "assert.equal(require('../shop/invoice.js').invoice(10), 'due: 12')"),
  },
  // These two change the same line.
  polite: { 'shop/words.js': "exports.greeting = 'good day'\n" },
  short: { 'shop/words.js': "exports.greeting = 'hi'\n" },
  // It works where it was written: the file is there, and ignored.
  rates: {
    'rates.json': '{ "vat": 20 }\n',
    'test/rates.test.js': testOf('the rate is known', "assert.equal(require('../rates.json').vat, 20)"),
  },
}

/** Fails once while the flag is there: bad luck that a test can arrange. */
const luck = (flag: string) => ({
  'test/luck.test.js': testOf(
    'luck',
    `if (fs.existsSync(${JSON.stringify(flag)})) { fs.rmSync(${JSON.stringify(flag)}); assert.fail('bad luck') }`,
    "const fs = require('node:fs')\n",
  ),
})

const finish = (message: string) => `git add -A && git commit -qm '${message}' && orch done ready`

/** What a session does when its work comes back with these words. */
const mending: Readonly<Record<string, readonly { readonly when: string; readonly bash: string }[]>> = {
  invoice: [
    {
      when: 'the invoice says what is due',
      bash: `git merge -q main; sed -i 's/{ price }/{ gross: price }/' shop/invoice.js && ${finish('Call it by its new name')}`,
    },
  ],
  rename: [
    {
      when: 'the invoice says what is due',
      bash: `git merge -q main; sed -i 's/{ price }/{ gross: price }/' shop/invoice.js && ${finish('Rename it there too')}`,
    },
  ],
  polite: [
    {
      when: 'It conflicts with',
      bash: `git merge -q main; printf "exports.greeting = 'good day, hi'\\n" > shop/words.js && ${finish('Keep both')}`,
    },
  ],
  short: [
    {
      when: 'It conflicts with',
      bash: `git merge -q main; printf "exports.greeting = 'good day, hi'\\n" > shop/words.js && ${finish('Keep both')}`,
    },
  ],
  rates: [{ when: 'the rate is known', bash: `git add -f rates.json && ${finish('Add the file')}` }],
}

fleetTest(
  'eight sessions, and what the queue sends back is mended until all of it has landed',
  { timeout: 240_000 },
  async ({ fleet, orch }) => {
    const flag = join(orch.folder, 'bad-luck')
    const all = { ...work, luck: luck(flag) }
    const tasks = Object.keys(all)
    const scene = await fleet.begin({
      tasks: `# Backlog\n\n${tasks.map((task) => `- [ ] Write ${task}\n  - id: ${task}\n`).join('')}`,
      config: 'validate:\n  - syntax: node --check shop/price.js\n  - test: node --test test/\nland: review\nmax: 8\nretries: 3\n',
      files: project,
      script: scriptOf(all),
    })
    await scene.startDaemon()
    await scene.startBacklog()
    await scene.untilStatus(tasks, 'Review', 120_000)
    const before = await scene.git('rev-parse', 'main')
    writeFileSync(flag, '')

    const merged = await scene.run(['merge', '--all', '--json'], { deadlineMs: 120_000 })
    const response = JSON.parse(merged.stdout) as MergeResponse
    const outcomes = Object.fromEntries(response.entries.map((entry) => [entry.handle.replace('repo.', ''), entry.outcome]))
    // Of each pair the one that comes later.
    expect(outcomes).toMatchObject({ alpha: 'landed', beta: 'landed', luck: 'landed', rates: 'sent-back' })
    for (const pair of [
      ['rename', 'invoice'],
      ['polite', 'short'],
    ])
      expect(new Set(pair.map((task) => outcomes[task]))).toEqual(new Set(['landed', 'sent-back']))
    const reasons = Object.fromEntries(
      response.entries.map((entry) => [entry.handle.replace('repo.', ''), 'reason' in entry ? entry.reason : '']),
    )
    expect(reasons['rates']).toContain('the rate is known')
    const [early = '', late = ''] = outcomes['invoice'] === 'landed' ? ['invoice', 'rename'] : ['rename', 'invoice']
    expect(reasons[late]).toMatch(new RegExp(`fails test: the invoice says what is due, merged with repo.${early}`))
    expect(existsSync(flag)).toBe(false)

    await scene.untilStatus(tasks, 'Merged', 120_000)
    await expectAllThere(scene)
    await expectFlaky(scene)
    await expectOnlyTested(scene, before)
    scene.expectNoRepeatedReplies()
  },
)

/** Each writes its files, commits and is done. */
function scriptOf(all: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const sessions = Object.entries(all).map(([task, files]) => ({
    match: { task },
    steps: [
      ...Object.entries(files).map(([path, content]) => ({ write: path, content })),
      { bash: finish(`Write ${task}`) },
      { end: 'Finished.' },
    ],
    turns: (mending[task] ?? []).map(({ when, bash }) => ({ when, steps: [{ bash }, { end: 'Mended.' }] })),
  }))
  // JSON is YAML too.
  return JSON.stringify({ sessions })
}

async function expectAllThere(scene: FleetScene): Promise<void> {
  const shown = await scene.git('show', 'main:shop/words.js')
  expect(shown).toBe("exports.greeting = 'good day, hi'")
  expect(await scene.git('show', 'main:shop/invoice.js')).toContain('gross: price')
  expect(await scene.git('show', 'main:tasks.md')).not.toContain('[ ]')
  expect(await scene.git('status', '--porcelain')).toBe('')
}

async function expectFlaky(scene: FleetScene): Promise<void> {
  const { stdout } = await scene.run(['queue', 'flaky', '--json'])
  const { tests } = JSON.parse(stdout) as FlakyResponse
  expect(tests.map(({ name }) => name)).toEqual(['luck'])
}

/** Every commit that main stood at had passed: the reflog names them, the trailers say so, and the suite agrees. */
async function expectOnlyTested(scene: FleetScene, before: string): Promise<void> {
  const positions = (await scene.git('reflog', 'show', '--format=%H', 'main')).split('\n')
  const landed = positions.slice(0, positions.indexOf(before))
  expect(landed.length).toBeGreaterThan(0)
  for (const commit of landed) {
    expect(await scene.git('show', '-s', '--format=%(trailers:key=Orch-Verified,valueonly)', commit)).toBe('syntax, test')
    expect(await scene.git('show', '-s', '--format=%(trailers:key=Orch-Session,valueonly)', commit)).toMatch(/^repo\.\w+\/\d+\.\d+$/)
    await scene.git('checkout', '-q', '--detach', commit)
    const ended = await runToEnd('node', ['--test', 'test/'], { cwd: scene.repository, environment: scene.environment })
    expect(ended, commit).toMatchObject({ code: 0 })
  }
  await scene.git('checkout', '-q', 'main')
}
