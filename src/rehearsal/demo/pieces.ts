/** One piece of the demo's library: the task a person writes, and the code and tests that its rehearsed session writes. */
export interface Piece {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly needs: readonly string[]
  readonly owns: readonly string[]
  readonly plan: string
  readonly files: readonly { readonly path: string; readonly content: string }[]
  readonly summary: string
}

const words: Piece = {
  id: 'words',
  title: 'Count words',
  body: 'words(text) gives the words of a text in lower case; an apostrophe or hyphen inside a word belongs to it.',
  needs: [],
  owns: ['src/words.js', 'test/words.test.js'],
  plan: 'Words are runs of letters and digits; an apostrophe or hyphen counts only between them.',
  summary: 'words(text) with tests for apostrophes, hyphens and other alphabets',
  files: [
    {
      path: 'src/words.js',
      content: String.raw`import { normalise } from './text.js'

/** The words of a text, in order, in lower case. */
export function words(text) {
  return normalise(text).toLowerCase().match(/[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu) ?? []
}
`,
    },
    {
      path: 'test/words.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { words } from '../src/words.js'

test('an apostrophe or hyphen inside a word belongs to it', () => {
  assert.deepEqual(words("Don't stop - the well-known song"), ["don't", 'stop', 'the', 'well-known', 'song'])
})

test('letters of every alphabet make words', () => {
  assert.deepEqual(words('Größe, 2 чая!'), ['größe', '2', 'чая'])
})

test('a text without words has none', () => {
  assert.deepEqual(words(' ... '), [])
})
`,
    },
  ],
}

const sentences: Piece = {
  id: 'sentences',
  title: 'Split sentences',
  body: 'sentences(text) gives the sentences of a text; "Dr." and "e.g." do not end one.',
  needs: [],
  owns: ['src/sentences.js', 'test/sentences.test.js'],
  plan: 'Split after . ! ? when a capital follows, and keep a short list of abbreviations.',
  summary: 'sentences(text), abbreviations do not end a sentence',
  files: [
    {
      path: 'src/sentences.js',
      content: String.raw`import { normalise } from './text.js'

const abbreviations = /(?:^|\s)(?:Dr|Mr|Mrs|Ms|St|e\.g|i\.e|etc)\.$/

/** The sentences of a text, in order, with their closing marks. */
export function sentences(text) {
  const found = []
  let current = ''
  for (const part of normalise(text).split(/(?<=[.!?])\s+/)) {
    current = current === '' ? part : current + ' ' + part
    if (abbreviations.test(current)) continue
    if (current !== '') found.push(current)
    current = ''
  }
  return current === '' ? found : [...found, current]
}
`,
    },
    {
      path: 'test/sentences.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentences } from '../src/sentences.js'

test('full stops, questions and exclamations end a sentence', () => {
  assert.deepEqual(sentences('It rains. Really? Yes!'), ['It rains.', 'Really?', 'Yes!'])
})

test('an abbreviation does not', () => {
  assert.deepEqual(sentences('Dr. Who is here. He waves.'), ['Dr. Who is here.', 'He waves.'])
})

test('the last sentence may lack its mark', () => {
  assert.deepEqual(sentences('One. Two'), ['One.', 'Two'])
  assert.deepEqual(sentences(''), [])
})
`,
    },
  ],
}

const syllables: Piece = {
  id: 'syllables',
  title: 'Estimate syllables',
  body: 'syllables(word) estimates the syllables of an English word, at least one.',
  needs: [],
  owns: ['src/syllables.js', 'test/syllables.test.js'],
  plan: 'Count the groups of vowels and leave out a silent e at the end.',
  summary: 'syllables(word) with a silent final e',
  files: [
    {
      path: 'src/syllables.js',
      content: String.raw`/** The syllables of an English word, estimated by its groups of vowels; never less than one. */
export function syllables(word) {
  const plain = word.toLowerCase().replace(/[^a-z]/g, '')
  const spoken = plain.replace(/(?<=[^aeiouyl])e$/, '')
  return Math.max(1, spoken.match(/[aeiouy]+/g)?.length ?? 0)
}
`,
    },
    {
      path: 'test/syllables.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syllables } from '../src/syllables.js'

for (const [word, count] of [['cat', 1], ['table', 2], ['stone', 1], ['banana', 3], ['rhythm', 1], ['hm', 1]]) {
  test(word + ' has ' + count, () => assert.equal(syllables(word), count))
}
`,
    },
  ],
}

const frequency: Piece = {
  id: 'frequency',
  title: 'Rank by frequency',
  body: 'mostFrequent(items, count) gives the most frequent items with their counts; equal counts in alphabetical order.',
  needs: [],
  owns: ['src/frequency.js', 'test/frequency.test.js'],
  plan: 'Count in a Map, then sort by count and name so that the order never depends on luck.',
  summary: 'mostFrequent(items, count) with a stable order',
  files: [
    {
      path: 'src/frequency.js',
      content: String.raw`/** The most frequent items as [item, count], most frequent first; ties in alphabetical order. */
export function mostFrequent(items, count) {
  const counts = new Map()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, count)
}
`,
    },
    {
      path: 'test/frequency.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostFrequent } from '../src/frequency.js'

test('the most frequent comes first, ties in alphabetical order', () => {
  assert.deepEqual(mostFrequent(['b', 'a', 'c', 'c'], 2), [['c', 2], ['a', 1]])
})

test('nothing has no favourite', () => {
  assert.deepEqual(mostFrequent([], 3), [])
})
`,
    },
  ],
}

const report: Piece = {
  id: 'report',
  title: 'Put the figures together',
  body: 'report(text) gives words, sentences, reading ease (Flesch, rounded) and the three most frequent words.',
  needs: ['words', 'sentences', 'syllables', 'frequency'],
  owns: ['src/report.js', 'test/report.test.js'],
  plan: 'All four pieces have landed, so the report only combines them; Flesch: 206.835 - 1.015 w/s - 84.6 y/w.',
  summary: 'report(text) built on the four landed pieces',
  files: [
    {
      path: 'src/report.js',
      content: String.raw`import { mostFrequent } from './frequency.js'
import { sentences } from './sentences.js'
import { syllables } from './syllables.js'
import { words } from './words.js'

/** The figures of a text; ease is the Flesch reading ease, rounded, or null for a text without words. */
export function report(text) {
  const all = words(text)
  const count = sentences(text).length
  const spoken = all.reduce((sum, word) => sum + syllables(word), 0)
  const ease = all.length === 0 ? null : Math.round(206.835 - (1.015 * all.length) / count - (84.6 * spoken) / all.length)
  return { words: all.length, sentences: count, ease, frequent: mostFrequent(all, 3) }
}
`,
    },
    {
      path: 'test/report.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { test } from 'node:test'
import { report } from '../src/report.js'

test('the figures of a small text', () => {
  assert.deepEqual(report('The cat sat. The cat ran!'), {
    words: 6,
    sentences: 2,
    ease: 119,
    frequent: [['cat', 2], ['the', 2], ['ran', 1]],
  })
})

test('an empty text has no reading ease', () => {
  assert.deepEqual(report(''), { words: 0, sentences: 0, ease: null, frequent: [] })
})
`,
    },
  ],
}

const cli: Piece = {
  id: 'cli',
  title: 'Add the command line',
  body: 'node src/cli.js FILE prints the report; without a file it reads standard input; a missing file is one clear line and exit 1.',
  needs: ['report'],
  owns: ['src/cli.js', 'test/cli.test.js'],
  plan: 'A thin shell round report(); the tests run it as a user does.',
  summary: 'the command, tested as a user runs it',
  files: [
    {
      path: 'src/cli.js',
      content: String.raw`import { readFileSync } from 'node:fs'
import { report } from './report.js'

const file = process.argv[2]
try {
  const { words, sentences, ease, frequent } = report(readFileSync(file ?? 0, 'utf8'))
  console.log('words      ' + words)
  console.log('sentences  ' + sentences)
  console.log('ease       ' + (ease ?? '-'))
  console.log('frequent   ' + frequent.map(([word, count]) => word + ' ' + count).join(', '))
} catch (error) {
  console.error('cannot read ' + (file ?? 'standard input') + ': ' + error.code)
  process.exitCode = 1
}
`,
    },
    {
      path: 'test/cli.test.js',
      content: String.raw`import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const run = (args, input) => spawnSync(process.execPath, [cli, ...args], { input, encoding: 'utf8' })

test('standard input gives a report', () => {
  const { status, stdout } = run([], 'The cat sat. The cat ran!')
  assert.equal(status, 0)
  assert.match(stdout, /^words      6\nsentences  2\nease       119\nfrequent   cat 2, the 2, ran 1\n$/)
})

test('a missing file is one clear line', () => {
  const { status, stderr } = run(['no-such-file.txt'])
  assert.equal(status, 1)
  assert.equal(stderr, 'cannot read no-such-file.txt: ENOENT\n')
})
`,
    },
  ],
}

export const pieces: readonly Piece[] = [words, sentences, syllables, frequency, report, cli]
