import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { orchProgram, runToEnd } from '../support/orch.ts'
import { TmuxTerminal } from '../support/cli/tmux.ts'
import { until } from '../support/eventually.ts'

const agent = resolve(import.meta.dirname, '../fixtures/agents/reviewed.mjs')
const config = `agent: { command: [node, ${agent}] }\nvalidate: "true"\nland: review\n`
const cart = `export function total(items) {
  return items.reduce((sum, item) => sum + item.price)
}

const a = 1
const b = 2
const c = 3
const d = 4
const e = 5

export const name = 'last'
`

/** One after the other, so that they stand in this order. */
async function finish(scene: FleetScene, tasks: readonly string[]): Promise<void> {
  for (const task of tasks) {
    expect(await scene.run(['spawn', task, `Make an empty cart cost nothing`])).toMatchObject({ code: 0 })
    await scene.untilStatus([task], 'Review')
  }
}

function show(scene: FleetScene, size: { columns: number; rows: number }): Promise<TmuxTerminal> {
  return TmuxTerminal.open([process.execPath, orchProgram, 'review'], { ...size, cwd: scene.repository, environment: scene.environment })
}

/** Commits have other names in every run. */
function normalize(text: string): string {
  return text.replace(/\b[0-9a-f]{10}\b/g, '··········')
}

/** The row of the cursor, with single spaces. */
function cursorOf(text: string): string {
  const row = text.split('\n').find((line) => line.includes('›')) ?? ''
  return row.replace(/^.*›●? */, '').replaceAll(/ +/g, ' ')
}

fleetTest('finished work is reviewed in a terminal by keys: looked at, sent back, merged, discarded', async ({ fleet }) => {
  const scene = await fleet.begin({ config, files: { 'src/cart.js': cart, 'docs/index.md': 'Docs\n' } })
  await scene.startDaemon()
  await finish(scene, ['cart', 'docs', 'spare'])
  writeFileSync(`${scene.repository}-wt-spare/unfinished.txt`, 'half of an idea\n')

  const wide = await show(scene, { columns: 160, rows: 40 })
  try {
    await wide.untilPicture('review-160-known', 'reduce needs', normalize)
    await wide.press('Enter')
    await wide.type(']')
    await wide.untilPicture('review-160-diff', '› src/cart.js', normalize)
    await wide.resize(100, 30)
    await wide.untilPicture('review-100-diff', '      1     1   export', normalize)
    await wide.type('q')
    await wide.untilEnded()
  } finally {
    await wide.close()
  }

  const terminal = await show(scene, { columns: 100, rows: 30 })
  const untilCursor = (row: string) => terminal.untilSeen((text) => cursorOf(text).includes(row), `the cursor is at ${row}`)
  try {
    await terminal.untilPicture('review-100-known', 'reduce needs', normalize)
    await terminal.type('?')
    await terminal.untilPicture('review-100-help', 'Judging', normalize)
    await terminal.press('Escape')
    await terminal.untilPicture('review-100-known', 'reduce needs', normalize)
    await terminal.press('Enter')

    // Moving.
    await untilCursor('@@ -0,0 +1,3 @@')
    await terminal.type('j')
    await untilCursor('1 + # cart')
    await terminal.type('k')
    await untilCursor('@@ -0,0 +1,3 @@')
    await terminal.type('J')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.type('J')
    await untilCursor('@@ -8,4 +8,4 @@')
    await terminal.type('K')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.type('[')
    await untilCursor('@@ -0,0 +1,3 @@')
    await terminal.type(']')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.type('G')
    await untilCursor("+ export const name = 'last of cart'")
    await terminal.type('g')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.press('NPage')
    await untilCursor("+ export const name = 'last of cart'")
    await terminal.press('PPage')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.press('C-d')
    await untilCursor('const name')
    await terminal.press('C-u')
    await untilCursor('@@ -1,5 +1,5 @@')
    await terminal.press('Tab')
    await terminal.untilPicture('review-100-files', 'Files (', normalize)
    await terminal.type('k')
    await terminal.untilShows('1/2 docs/cart.md')
    await terminal.type('j')
    await terminal.press('Enter')
    await untilCursor('@@ -1,5 +1,5 @@')

    // Looking.
    await terminal.type('s')
    await terminal.untilPicture('review-100-side-by-side', 'items) {          │', normalize)
    await terminal.type('l')
    await terminal.untilShows('-  items.reduce')
    await terminal.type('h')
    await terminal.untilShows('-   return items')
    await terminal.type('sw')
    await terminal.type('/CHEAP')
    await terminal.press('Enter')
    await terminal.untilShows('nothing has "CHEAP"')
    await terminal.type('/Price, 0')
    await terminal.press('Enter')
    await untilCursor('2 + return items.reduce((sum, item) => sum + item.price, 0)')

    // Sending back: two comments, a word to go with them, one message.
    await terminal.type('cwhy 0? $(touch owned) `x`')
    await terminal.untilShows('comment on src/cart.js:2: why 0? $(touch owned) `x`▏')
    await terminal.press('Enter')
    await terminal.type('G')
    await terminal.type('cname it')
    await terminal.press('Enter')
    await terminal.untilPicture('review-100-comments', '● 2', normalize)
    await terminal.type('q')
    await terminal.untilShows('Quit? 2 comments not sent. y / n')
    await terminal.type('n')
    await terminal.type('bthank you')
    await terminal.press('Enter')
    await terminal.untilShows('repo.cart: sent back')
    await terminal.untilPicture('review-100-sent-back', 'sent back', (text) => normalize(text).replace(/^Status .*$/m, 'Status'))
    const messages = join(`${scene.repository}-wt-cart`, 'messages.jsonl')
    await until(() => existsSync(messages), { what: 'the message has arrived', deadlineMs: 60_000 })
    await scene.untilStatus(['cart'], 'Review')
    const received = readFileSync(messages, 'utf8').trim().split('\n')
    expect(received).toHaveLength(1)
    const message = JSON.parse(received[0] ?? '') as string
    expect(message).toContain('2 comments')
    expect(message).toContain('\n\nthank you\n\n')
    expect(message).toContain('1. src/cart.js:2: why 0? $(touch owned) `x`\n')
    expect(message).toContain('    +  return items.reduce((sum, item) => sum + item.price, 0)\n')
    expect(message).toContain('2. src/cart.js:11: name it\n')
    expect(existsSync(`${scene.repository}-wt-cart/owned`)).toBe(false)

    // Merging.
    await terminal.type('n')
    await terminal.untilShows('2/3 repo.docs')
    await terminal.untilShows('docs/docs.md')
    await terminal.type('m')
    await terminal.untilShows('Merge repo.docs into main? y / n')
    await terminal.type('y')
    await terminal.untilShows('repo.docs: landed as')
    await scene.untilStatus(['docs'], 'Merged')
    expect(await scene.git('show', 'main:docs/docs.md')).toContain('An empty cart')

    // Skipping, then discarding.
    await terminal.type('3')
    await terminal.untilShows('unfinished.txt')
    await terminal.press('Space')
    await terminal.untilShows('That was the last one; q quits.')
    await terminal.untilShows('repo.spare: skipped until its branch moves')
    await terminal.type('N')
    await terminal.untilShows('3/3 repo.spare')
    await terminal.type('x')
    await terminal.untilShows('discard repo.spare, because:')
    await terminal.type('cart does it')
    await terminal.press('Enter')
    await terminal.untilShows('repo.spare: discarded')
    await scene.untilStatus(['spare'], 'Archived')
    await terminal.type('q')
    const left = await terminal.untilEnded()
    expect(left).toContain('repo.cart: sent back')
    expect(left).toContain('repo.docs: landed as')
    const restore = [...left.matchAll(/Restore: (.*)$/gm)].map(([, command = '']) => command)
    expect(restore).toHaveLength(2)
    expect(existsSync(`${scene.repository}-wt-spare`)).toBe(false)
    for (const command of restore)
      expect(await runToEnd('/bin/sh', ['-c', command], { cwd: '/', environment: scene.environment })).toMatchObject({ code: 0 })
    expect(readFileSync(`${scene.repository}-wt-spare/unfinished.txt`, 'utf8')).toBe('half of an idea\n')
    expect(readFileSync(`${scene.repository}-wt-spare/docs/spare.md`, 'utf8')).toContain('An empty cart')
  } finally {
    await terminal.close()
  }
})

fleetTest('the same by flags, for scripts; without a terminal the list is printed and nothing hangs', async ({ fleet }) => {
  const scene = await fleet.begin({ config, files: { 'src/cart.js': cart, 'docs/index.md': 'Docs\n' } })
  await scene.startDaemon()
  expect(await scene.run(['review'])).toMatchObject({ code: 0, stdout: 'nothing to review\n' })
  await finish(scene, ['cart', 'docs', 'spare'])
  writeFileSync(`${scene.repository}-wt-cart/more.txt`, 'more\n')

  // Looking at the changes.
  const shown = await scene.run(['diff', 'cart'])
  expect(shown).toMatchObject({ code: 0, stderr: 'orch: 1 file is not committed: `orch diff repo.cart --uncommitted` shows them.\n' })
  expect(shown.stdout).toContain('          2 +   return items.reduce((sum, item) => sum + item.price, 0)\n')
  expect(shown.stdout).toContain('An empty cart costs nothing. ␛[31m合計は零。\n')
  expect((await scene.run(['diff', 'cart', '--side-by-side', '--width', '120'])).stdout).toContain('│')
  expect((await scene.run(['diff', 'cart', '--names'])).stdout).toBe('A  docs/cart.md\nM  src/cart.js\n')
  expect((await scene.run(['diff', 'cart', '--stat'])).stdout).toContain('2 files, +5 −2')
  expect((await scene.run(['diff', 'cart', '--uncommitted'])).stdout).toContain('1 + more\n')
  const patch = await scene.run(['diff', 'cart', '--patch'])
  expect(
    await runToEnd('git', ['apply', '--check'], { cwd: scene.repository, environment: scene.environment, input: patch.stdout }),
  ).toMatchObject({ code: 0 })
  const json = JSON.parse((await scene.run(['diff', 'cart', '--json'])).stdout) as { files: { path: string; rows: { kind: string }[] }[] }
  expect(json.files.map(({ path, rows }) => [path, rows[0]?.kind])).toEqual([
    ['docs/cart.md', 'hunk'],
    ['src/cart.js', 'hunk'],
  ])
  expect(await scene.run(['diff', 'cart', '--stat', '--names'])).toMatchObject({ code: 2 })

  // The list.
  const list = await scene.run(['review'])
  expect(list).toMatchObject({ code: 0, stderr: expect.stringContaining('orch review --merge NAME') })
  expect(list.stdout).toMatch(/^repo\.cart {2}Review: .*\n {2}2 files, \+5 −2 · passed at .* · 1 uncommitted\nrepo\.docs/)
  expect(await scene.run(['review', '--skip', 'cart', '--dry-run'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('would be skipped'),
  })
  expect(await scene.run(['review', '--skip', 'cart'])).toMatchObject({ code: 0 })
  const items = JSON.parse((await scene.run(['review', '--list', '--json'])).stdout) as { items: { handle: string; isSkipped: boolean }[] }
  expect(items.items.map(({ handle, isSkipped }) => [handle, isSkipped])).toEqual([
    ['repo.docs', false],
    ['repo.spare', false],
    ['repo.cart', true],
  ])

  // Sending back.
  expect(await scene.run(['review', '--send-back', 'cart'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--comment') })
  expect(await scene.run(['review', '--send-back', 'cart', '--comment', 'nowhere.js:1: x'])).toMatchObject({ code: 2 })
  const said = ['--comment', 'src/cart.js:2: why 0?', '--comment', 'see `$HOME`']
  const preview = await scene.run(['review', '--send-back', 'cart', ...said, '--dry-run'])
  expect(preview.stdout).toContain('src/cart.js:2: why 0?\n     export function total')
  expect(await scene.run(['review', '--send-back', 'cart', ...said])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('sent back'),
  })
  const messages = join(`${scene.repository}-wt-cart`, 'messages.jsonl')
  await until(() => existsSync(messages), { what: 'the message has arrived', deadlineMs: 60_000 })
  const message = JSON.parse(readFileSync(messages, 'utf8').split('\n')[0] ?? '') as string
  expect(message).toContain('\n\nsee `$HOME`\n\nsrc/cart.js:2: why 0?\n')

  // Merging and discarding.
  expect(await scene.run(['review', '--merge', 'docs', '--dry-run'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('would land'),
  })
  expect(await scene.run(['review', '--merge', 'docs'])).toMatchObject({ code: 0, stdout: expect.stringContaining('repo.docs: landed as') })
  expect((await scene.run(['diff', 'docs', '--names'])).stdout).toContain('A  docs/docs.md\n')
  expect(await scene.run(['review', '--discard', 'spare'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') })
  expect(await scene.run(['review', '--discard', 'spare', '--reason', 'no', '--dry-run'])).toMatchObject({ code: 0 })
  expect(scene.status('spare')?.status).toBe('Review')
  const discarded = await scene.run(['review', '--discard', 'spare', '--reason', 'no'])
  const [, restore = ''] = /Restore: (.*)$/m.exec(discarded.stdout) ?? []
  expect(scene.status('spare')?.status).toBe('Archived')
  expect(await runToEnd('/bin/sh', ['-c', restore], { cwd: '/', environment: scene.environment })).toMatchObject({ code: 0 })
  expect(existsSync(`${scene.repository}-wt-spare/docs/spare.md`)).toBe(true)
  expect(await scene.run(['review', '--merge', 'cart', '--skip', 'cart'])).toMatchObject({ code: 2 })
})
