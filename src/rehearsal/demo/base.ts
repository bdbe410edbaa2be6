/** What the demo's repository holds before the fleet starts: a tiny tested Node project and its acceptance check. */
export const baseFiles: readonly { readonly path: string; readonly content: string }[] = [
  {
    path: 'package.json',
    content: `${JSON.stringify({ name: 'text-stats', version: '0.1.0', private: true, type: 'module', scripts: { test: 'node --test', acceptance: 'node acceptance.js' } }, null, 2)}\n`,
  },
  {
    path: 'README.md',
    content: `# text-stats\n\nFigures about a text: words, sentences, reading ease, favourite words.\n\n    node src/cli.js poem.txt\n`,
  },
  {
    path: 'poem.txt',
    content: 'The fog comes on little cat feet. It sits looking over harbor and city on silent haunches and then moves on.\n',
  },
  {
    path: 'src/text.js',
    content: String.raw`/** One space between words, none around, curly apostrophes made straight. */
export function normalise(text) {
  return text.replace(/\u2019/g, "'").replace(/\s+/g, ' ').trim()
}
`,
  },
  {
    path: 'test/text.test.js',
    content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalise } from '../src/text.js'

test('white space and apostrophes are made regular', () => {
  assert.equal(normalise('  It\u2019s \n late '), "It's late")
})
`,
  },
  {
    path: 'acceptance.js',
    content: String.raw`// Every piece together: exits 1 unless the command gives the whole report for the poem.
import { spawnSync } from 'node:child_process'

const { stdout, stderr } = spawnSync(process.execPath, ['src/cli.js', 'poem.txt'], { encoding: 'utf8' })
const wanted = ['words      21', 'sentences  2', 'ease       75', 'frequent   on 3, and 2, cat 1']
const missing = wanted.filter((line) => !stdout.includes(line))
if (missing.length > 0) console.error(stdout + stderr + 'missing: ' + missing.join('; '))
else console.log(stdout)
process.exitCode = missing.length > 0 ? 1 : 0
`,
  },
  { path: 'orch.yaml', content: 'validate: node --test\n' },
  { path: '.gitignore', content: 'node_modules/\n' },
]
