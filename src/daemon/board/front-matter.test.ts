import { expect, test } from 'vitest'
import { readFrontMatter } from './front-matter.ts'

const sha = 'a'.repeat(40)
const good = { v: '1', kind: 'done', at: '2026-01-02T03:04:05Z', commit: sha }

test('front matter and a body', async () => {
  expect(await readFrontMatter(file(good, '\nAll tests pass.\n\n---\nmore\n'))).toEqual({
    kind: 'done',
    at: '2026-01-02T03:04:05Z',
    commit: sha,
    text: 'All tests pass.\n\n---\nmore',
  })
})

test.each(['done', 'blocked', 'checkpoint', 'tell'])('%s is a kind', async (kind) => {
  expect(await readFrontMatter(file({ ...good, kind }))).toMatchObject({ kind })
})

test('a message in the front matter comes before the body; a sha-256 is a commit too', async () => {
  expect(await readFrontMatter(file({ ...good, message: '"said"' }, 'body'))).toMatchObject({ text: 'said' })
  expect(await readFrontMatter(file({ v: '1', kind: 'tell', at: good.at }, 'body'))).toEqual({ kind: 'tell', at: good.at, text: 'body' })
  expect(await readFrontMatter(file({ ...good, commit: 'b'.repeat(64) }))).toMatchObject({ commit: 'b'.repeat(64) })
})

test('a time may be left out, lists may be one line, and paths that lead elsewhere are passed over', async () => {
  const matter = { v: '1', kind: 'need', to: 'backend, security', paths: '[src/**, /etc/passwd, ../x, a/../../b]', reply: 'm3' }
  expect(await readFrontMatter(file(matter, 'text'))).toEqual({
    kind: 'need',
    to: ['backend', 'security'],
    paths: ['src/**'],
    inReplyTo: 'm3',
    text: 'text',
  })
  const about = `---\nv: 1\nkind: context\nabout: { commit: ${sha}, paths: [a] }\n---\n`
  expect(await readFrontMatter(about)).toMatchObject({ commit: sha, paths: ['a'] })
})

test.each(['review-request', 'verdict', 'conflict', 'merge'])('nobody but orch says %s', async (kind) => {
  expect(await readFrontMatter(file({ ...good, kind }))).toBeUndefined()
})

const { kind: _kind, ...withoutKind } = good
const { v: _v, ...withoutVersion } = good

test.each<[string, string]>([
  ['nothing', ''],
  ['no front matter', 'All done.\n'],
  ['something before the front matter', `\n${file(good)}`],
  ['another line end', file(good).replaceAll('\n', '\r\n')],
  ['no end of the front matter', file(good).slice(0, -'---\n'.length)],
  ['an empty front matter', '---\n---\n'],
  ['front matter that is a list', '---\n- done\n---\n'],
  ['front matter that is a word', '---\ndone\n---\n'],
  ['front matter that is not YAML', '---\nkind: [done\n---\n'],
  ['a key twice', `---\nv: 1\nkind: done\nkind: blocked\nat: ${good.at}\n---\n`],
  ['aliases', `---\nv: 1\nkind: &k done\nat: ${good.at}\nmessage: *k\n---\n`],
  ['no version', file(withoutVersion)],
  ['another version', file({ ...good, v: '2' })],
  ['a version in words', file({ ...good, v: '"1"' })],
  ['no kind', file(withoutKind)],
  ['an unknown kind', file({ ...good, kind: 'merged' })],
  ['a time in words', file({ ...good, at: 'yesterday' })],
  ['a time that is none', file({ ...good, at: '2026-02-31T25:61:61Z' })],
  ['an abbreviated commit', file({ ...good, commit: 'abc1234' })],
  ['a commit that is an option', file({ ...good, commit: '"--force"' })],
  ['a commit with a line after it', file({ ...good, commit: `"${sha}\\n"` })],
  ['a commit in capitals', file({ ...good, commit: 'A'.repeat(40) })],
  ['a commit that is a number', file({ ...good, commit: '1'.repeat(40) })],
  ['a message that is no text', file({ ...good, message: '[1]' })],
])('%s is no declaration', async (_what, text) => {
  expect(await readFrontMatter(text)).toBeUndefined()
})

function file(matter: Record<string, string>, body = ''): string {
  const lines = Object.entries(matter).map(([key, value]) => `${key}: ${value}\n`)
  return `---\n${lines.join('')}---\n${body}`
}
