import { expect, test } from 'vitest'
import { paint } from '../text/paint.ts'
import { textOf, textWidth, widthOf } from '../text/line.ts'
import { drawRow } from './draw.ts'
import { FileDiff } from './file-diff.ts'
import { patchFiles, type PatchFile } from './patch-files.ts'
import { printPatch } from './print.ts'
import { loadSyntax } from './syntax.ts'
import { statLines } from './titles.ts'
import { changedWords } from './words.ts'

const modified = `diff --git a/src/cart.ts b/src/cart.ts
index 1111111..2222222 100644
--- a/src/cart.ts
+++ b/src/cart.ts
@@ -1,6 +1,7 @@ export class Cart {
 const items = []
-export function add(item) {
-	items.push(item)
+export function addItem(item: Item) {
+	// "both" <sides> & 'quotes'
+	items.push({ ...item })
 }
 
 export { items }
@@ -20 +21 @@
-last
\\ No newline at end of file
+last line
\\ No newline at end of file
`
const hostile = `diff --git a/evil.md b/evil.md
--- a/evil.md
+++ b/evil.md
@@ -1,4 +1,4 @@
-\u001b]0;owned\u0007title\u001b[2J
+if (access == "user\u202e \u2066// admin\u2069 \u2066")\r
 漢字かな混じり文 and ümläut and 👩‍👩‍👧 family ❤️
 שלום עולם مرحبا
--- a/not-a-header
+\u0000\u009b31m nul and c1\t\ttabs\u200b
`
const file = (text: string, more: Partial<PatchFile> = {}): PatchFile => ({
  path: 'src/cart.ts',
  change: 'modified',
  added: 4,
  removed: 3,
  isBinary: false,
  text,
  ...more,
})
const patch = (text: string, ...files: PatchFile[]) => ({ text, files, isCut: false })

async function printed(text: string, look: Partial<Parameters<typeof printPatch>[1]> = {}): Promise<string> {
  const rows: string[] = []
  for await (const lines of printPatch(patch(text, file(text)), { layout: 'unified', width: undefined, isColored: false, ...look }))
    rows.push(...lines.map((line) => paint(line, look.isColored ?? false).trimEnd()))
  return rows.join('\n')
}

test.each([
  { layout: 'unified', width: undefined },
  { layout: 'unified', width: 44 },
  { layout: 'side-by-side', width: 80 },
  { layout: 'side-by-side', width: 140 },
] as const)('a change, $layout in $width columns', async (look) => {
  expect(await printed(modified, look)).toMatchSnapshot()
})

test('colours: syntax, and the words that changed', async () => {
  expect((await printed(modified, { isColored: true })).replaceAll('\u001b', '␛')).toMatchSnapshot()
})

test.each([
  { layout: 'unified', width: 60 },
  { layout: 'side-by-side', width: 80 },
] as const)('content that would steer the terminal or hide itself is shown, $layout', async (look) => {
  const shown = await printed(hostile, look)
  expect(shown).toMatchSnapshot()
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
})

test.each(['unified', 'side-by-side'] as const)('every row is exactly as wide as asked, whatever is in it: %s', (layout) => {
  for (const text of [modified, hostile]) {
    const diff = new FileDiff(file(text))
    for (const width of [40, 41, 80, 121])
      for (const shift of [0, 1, 7, 30])
        for (const row of diff.body(layout))
          expect(widthOf(drawRow(row, diff, { hasWords: true, syntax: undefined }, width, shift))).toBe(width)
  }
})

test('coloured or not, the text is the same, and colours end with their row', async () => {
  const syntax = await loadSyntax('a.ts')
  const diff = new FileDiff(file(modified))
  for (const row of diff.body('side-by-side')) {
    const plain = textOf(drawRow(row, diff, { hasWords: false, syntax: undefined }, 120))
    const coloured = drawRow(row, diff, { hasWords: true, syntax }, 120)
    expect(textOf(coloured)).toBe(plain)
    // oxlint-disable-next-line no-control-regex -- the escapes are what is looked at
    const codes = [...paint(coloured, true).matchAll(/\u001b\[([\d;]+)m/g)].map(([, code]) => code)
    expect(codes.filter((code) => /^(?:39|22|27|22;39|22;27)$/.test(code ?? ''))).toHaveLength(codes.length / 2)
  }
})

test('files without lines say what they are', () => {
  const note = (text: string | undefined, more: Partial<PatchFile> = {}) =>
    new FileDiff(file('', { ...more, ...(text === undefined ? { text: undefined } : { text }) })).rows().map((row) => row.text)
  expect(note('diff --git a/x b/x\nBinary files differ\n', { isBinary: true })).toEqual(['a binary file'])
  expect(note('diff --git a/x b/y\nsimilarity index 100%\n', { change: 'renamed' })).toEqual(['renamed, nothing else'])
  expect(note('diff --git a/x b/x\nold mode 100644\nnew mode 100755\n')).toEqual(['its mode changed from 100644 to 100755'])
  expect(note(undefined)).toEqual(['too large to show: `orch diff --stat` counts its lines'])
})

test('a file that became a link is two parts of the patch, and the next file is its own', () => {
  const parts = ['diff --git a/x b/x\ndeleted\n', 'diff --git a/x b/x\nnew\n', 'diff --git a/y b/y\nlast\n']
  const files = patchFiles(
    patch(parts.join(''), file('', { path: 'x', change: 'retyped' }), file('', { path: 'y' }), file('', { path: 'z' })),
  )
  expect(files.map(({ text }) => text)).toEqual([`${parts[0]}${parts[1]}`, parts[2], undefined])
})

test('words: what changed inside of a line, unless the lines have little in common', () => {
  expect(changedWords('const a = one()', 'const b = one()')).toEqual({ old: [[6, 7]], new: [[6, 7]] })
  expect(changedWords('const a = one()', 'return something.else')).toBeUndefined()
  expect(changedWords('x'.repeat(3000), 'x'.repeat(3001))).toBeUndefined()
})

test('every language that is named can be loaded, and odd names have none', async () => {
  const endings =
    'sh c clj cpp cs css dart diff ex erl go graphql hs ini java js json kt less lua mk md nix m pl php ps1 proto py r rb rs scala scss sql swift ts html yaml toml'
  for (const ending of endings.split(' ')) expect((await loadSyntax(`a.${ending}`))?.('x "y"\n'), ending).toHaveLength(2)
  expect(await loadSyntax('Dockerfile')).toBeDefined()
  for (const name of ['constructor', 'a.constructor', 'a.__proto__', 'a.../../x', '']) expect(await loadSyntax(name)).toBeUndefined()
})

test('the statistic fits its width', () => {
  const files = [
    file('', { path: 'a/very/long/path/that/goes/on.ts', added: 900, removed: 1 }),
    file('', { path: 'b.png', isBinary: true, added: 0, removed: 0 }),
    file('', { path: 'new.ts', from: 'old.ts', change: 'renamed', added: 0, removed: 2 }),
  ]
  const lines = statLines(files, 80).map(textOf)
  expect(lines).toMatchSnapshot()
  expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80)
})

test('a patch of 5 MB is cut into files at once, and a window of it drawn without computing the rest', async () => {
  const lines = Array.from(
    { length: 60_000 },
    (_, at) => `-const old${at} = compute(${at}, "text")\n+const new${at} = compute(${at}, "text")`,
  )
  const large = `diff --git a/large.ts b/large.ts\n--- a/large.ts\n+++ b/large.ts\n@@ -1,60000 +1,60000 @@\n${lines.join('\n')}\n`
  const many = Array.from({ length: 2000 }, (_, at) => modified.replaceAll('cart', `cart${at}`)).join('')
  const text = `${large}${many}`
  expect(text.length).toBeGreaterThan(5_000_000)
  const files = Array.from({ length: 2001 }, (_, at) => file('', { path: `f${at}.ts` }))
  const syntax = await loadSyntax('a.ts')
  const begin = performance.now()
  const [first, second] = patchFiles(patch(text, ...files)).map((each) => new FileDiff(each))
  const window = first?.body('side-by-side').slice(30_000, 30_040) ?? []
  const rows = window.map((row) => first && drawRow(row, first, { hasWords: true, syntax }, 160))
  expect(rows).toHaveLength(40)
  expect(second?.rows().length).toBeGreaterThan(5)
  // Measured 0.5 s on busy cores; a design that computes all words or colours takes minutes.
  expect(performance.now() - begin).toBeLessThan(20_000)
})
