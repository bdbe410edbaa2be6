import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, temporaryTree } from '../../test/support/temporary.ts'
import { readDocument } from './read-document.ts'
import { runDocument, type Stage } from './run-document.ts'

const fence = (info: string, ...lines: string[]) => ['```' + info, ...lines, '```', ''].join('\n')

function stage(files: Record<string, string> = {}): Stage {
  return { root: temporaryTree(files), folder: temporaryFolder(), environment: { PATH: process.env.PATH ?? '' } }
}

async function run(markdown: string, on = stage()): Promise<string[]> {
  return runDocument(readDocument(markdown), on)
}

test('commands are read with their line, also in a list', () => {
  expect(readDocument(`# Title\n\n1. First\n\n   ${fence('sh', '   echo a').trimEnd()}\n   \`\`\`\n`)).toMatchObject([
    { kind: 'commands', line: 5, commands: [{ exit: 0 }] },
  ])
  expect(readDocument(fence('console exit=3', '$ echo a', 'a', '$ exit \\', '> 3'))).toEqual([
    {
      kind: 'commands',
      line: 1,
      commands: [
        { script: 'echo a', exit: 0, output: ['a'] },
        { script: 'exit \\\n3', exit: 3, output: [] },
      ],
    },
  ])
})

test('a document is done in order, in one folder', async () => {
  const on = stage()
  const text =
    fence('md file=notes/tasks.md', '- [ ] One') + fence('sh', 'cp notes/tasks.md copy.md') + fence('console', '$ cat copy.md', '- [ ] One')
  expect(await run(text, on)).toEqual([])
  expect(existsSync(join(on.folder, 'copy.md'))).toBe(true)
})

test('a command that fails is reported with its line, code and words; nothing after it runs', async () => {
  const on = stage()
  expect(await run(`Text.\n\n${fence('sh', 'echo broken >&2', 'exit 2')}${fence('sh', 'touch after')}`, on)).toEqual([
    expect.stringMatching(/^line 3: "echo broken >&2\nexit 2" ended with 2, not 0:\nbroken/),
  ])
  expect(existsSync(join(on.folder, 'after'))).toBe(false)
})

test('a command that does not exist is found', async () => {
  expect(await run(fence('sh', 'orch-of-yesterday status'))).toEqual([expect.stringContaining('ended with 127')])
})

test('a failure in the middle of a script is not hidden by its end', async () => {
  expect(await run(fence('sh', 'false', 'true'))).toHaveLength(1)
  expect(await run(fence('sh', 'false | true'))).toHaveLength(1)
})

test('an announced exit code is required', async () => {
  expect(await run(fence('sh exit=3', 'exit 3'))).toEqual([])
  expect(await run(fence('sh exit=3', 'true'))).toEqual([expect.stringContaining('ended with 0, not 3')])
})

test('shown output must be printed, in its order, with … for anything', async () => {
  const shown = (...lines: string[]) => run(fence('console', "$ printf 'took 12 ms (a.b)\\nsecond\\n'", ...lines))
  expect(await shown('took … ms (a.b)', '…', 'second')).toEqual([])
  expect(await shown('took … ms (axb)')).toEqual([expect.stringContaining('did not print "took … ms (axb)"')])
  expect(await shown('second', 'took … ms (a.b)')).toEqual([expect.stringContaining('did not print "took')])
})

test('a fence may name the test that runs it, and that test holds its every line', async () => {
  const on = stage({ 'test/e2e/demo.test.ts': "run('npm ci && npm run demo')" })
  expect(await run(fence('sh test=test/e2e/demo.test.ts', '# first', 'npm ci && npm run demo   # under a minute'), on)).toEqual([])
  expect(await run(fence('sh test=test/e2e/demo.test.ts', 'npm run demo --fast'), on)).toEqual([
    'line 1: test/e2e/demo.test.ts does not hold "npm run demo --fast"',
  ])
  expect(await run(fence('sh test=test/e2e/gone.test.ts', 'true'), on)).toEqual([
    'line 1: test/e2e/gone.test.ts is not a test of this repository',
  ])
})

test.each([
  [fence('', 'orch run tasks.md'), 'nobody would run them'],
  [fence('text', '$ anything'), 'nobody would run them'],
  ['    npm ci\n', 'nobody would run them'],
  [fence('sh skip', 'true'), '"skip" is not understood'],
  [fence('console', 'only output'), 'without a line that begins'],
  [fence('md file=../outside.md', 'x'), 'leads out'],
])('%j is refused', async (markdown, reason) => {
  expect(await run(markdown)).toEqual([expect.stringContaining(reason)])
})

test('other languages and drawings are nobody’s commands', () => {
  expect(readDocument(fence('yaml', 'a: 1') + fence('ts', 'orch run') + fence('', 'a ← b'))).toEqual([])
})
