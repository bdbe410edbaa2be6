import { describe, expect, test } from 'vitest'
import { learningName, parseLearning, renderLearning, type Learning, type NamedLearning } from './learning.ts'
import { chooseLearnings, toldLine } from './relevance.ts'
import { proposeRules } from './rules.ts'

const digest = (text: string): string =>
  [...text]
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .slice(-40)
const read = (content: string, name = 'a-note.md'): Learning | undefined => parseLearning(name, content, { at: 7, from: 'shop.api' })

describe('a learning', () => {
  test('is read with front matter, with a heading, or as it stands', () => {
    expect(
      read(
        '---\ntitle: Cache keys\ntags: [cache, tenant]\npaths: src/cache/**\nrule: Put the tenant in every cache key\n---\nTwo tenants met.\n',
      ),
    ).toEqual({
      title: 'Cache keys',
      text: 'Two tenants met.',
      tags: ['cache', 'tenant'],
      paths: ['src/cache/**'],
      rule: 'Put the tenant in every cache key',
      from: 'shop.api',
      at: 7,
    })
    expect(read('# The port is taken\n\nUse 0.\n')).toMatchObject({ title: 'The port is taken', text: 'Use 0.' })
    expect(read('Use port 0.\n')).toMatchObject({ title: 'a note', text: 'Use port 0.' })
    expect(read('---\ntitle: [unclosed\n---\nStill read.')).toMatchObject({ title: 'a note', text: 'Still read.' })
    expect(read(' \n\n')).toBeUndefined()
  })

  test('of a hostile session steers no terminal, claims nothing outside, and stays small', () => {
    const found = read(
      `---\ntitle: "\\e[31mred"\npaths: [/etc/passwd, ../../x, src/a.ts]\nrule: "one\\ntwo"\n---\n${'long \u001b[2J'.repeat(10_000)}`,
    )
    expect(found).toMatchObject({ title: 'red', paths: ['src/a.ts'], rule: 'one two' })
    expect(found?.text.length).toBeLessThan(8010)
    expect(found?.text).not.toContain('\u001b')
    expect(learningName({ ...(found ?? never()), title: '../../.ssh/x' }, digest)).toMatch(/^ssh-x-[0-9a-f]{12}\.md$/)
  })

  test('comes back as it was written, and the same thing learned by another has the same name', () => {
    const one = read('---\ntitle: "Quotes: \\" and # and ünï"\ntags: [a]\n---\n# Not a title\n\n- x') ?? never()
    expect(parseLearning('other.md', renderLearning(one), { at: 0 })).toEqual(one)
    expect(learningName({ ...one, from: 'shop.web', at: 99, text: ` ${one.text.toUpperCase()}\n` }, digest)).toBe(learningName(one, digest))
    expect(learningName({ ...one, text: 'else' }, digest)).not.toBe(learningName(one, digest))
  })
})

describe('what a session is told', () => {
  const subject = { title: 'Make the invoice cache faster', body: '', owns: ['src/cache/**'] }

  test('what shares files comes first, then what shares words, then the newest', () => {
    const known = [
      named('old', { at: 1 }),
      named('newer', { at: 3 }),
      named('newest', { at: 4 }),
      named('words', { title: 'An invoice has no number before it is sent', at: 2 }),
      named('files', { paths: ['src/cache/key.ts'], at: 0 }),
    ]
    expect(chooseLearnings(known, subject).map(({ name }) => name)).toEqual(['files', 'words', 'newest', 'newer'])
  })

  test('is bounded, and of one title only the newest', () => {
    const many = Array.from({ length: 100 }, (_, at) => named(`n${at}`, { title: `Invoice ${at}`, text: 'x'.repeat(5000), at }))
    const chosen = chooseLearnings(many, subject)
    expect(chosen.map((each) => toldLine(each, '.orch/brain/')).join('\n').length).toBeLessThan(2000)
    expect(chosen[0]?.name).toBe('n99')
    const twice = [named('a', { title: 'Same', at: 1 }), named('b', { title: 'same', at: 2 })]
    expect(chooseLearnings(twice, subject).map(({ name }) => name)).toEqual(['b'])
  })

  test('names the file only where it says more', () => {
    expect(toldLine(named('x.md', { title: 'T', text: 'Short.' }), 'b/')).toBe('- T: Short.')
    expect(toldLine(named('x.md', { title: 'T', text: 'This is the first sentence. And more.' }), 'b/')).toBe(
      '- T: This is the first sentence. (`b/x.md`)',
    )
  })
})

describe('rules for CLAUDE.md', () => {
  const rule = (text: string): NamedLearning => named(`${text}.md`, { rule: text, from: 'shop.api' })

  test('are added below their own heading, each once, as a diff that git would take', () => {
    const first = proposeRules('CLAUDE.md', '# Shop\n\nBe kind.\n', [rule('Be kind.'), rule('Test first'), rule('test  FIRST')])
    expect(first.rules).toEqual([{ rule: 'Test first', name: 'Test first.md', from: 'shop.api' }])
    expect(first.text).toBe('# Shop\n\nBe kind.\n\n## Learned\n\n- Test first\n')
    expect(first.diff).toBe('--- a/CLAUDE.md\n+++ b/CLAUDE.md\n@@ -1,3 +1,7 @@\n # Shop\n \n Be kind.\n+\n+## Learned\n+\n+- Test first\n')
    const second = proposeRules('CLAUDE.md', `${first.text}\n## More\n`, [rule('# No heading')])
    expect(second.text).toBe('# Shop\n\nBe kind.\n\n## Learned\n\n- Test first\n- No heading\n\n## More\n')
    expect(proposeRules('CLAUDE.md', second.text, [rule('No heading')])).toEqual({ rules: [], text: second.text, diff: '' })
    expect(proposeRules('CLAUDE.md', '', [rule('New')]).diff).toContain('--- /dev/null\n+++ b/CLAUDE.md\n@@ -0,0 +1,3 @@\n+## Learned')
  })
})

function named(name: string, more: Partial<Learning>): NamedLearning {
  return { name, learning: { title: name, text: '', tags: [], paths: [], at: 0, ...more } }
}

function never(): never {
  throw new Error('nothing was read')
}
