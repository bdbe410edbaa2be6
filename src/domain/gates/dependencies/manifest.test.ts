import { expect, test } from 'vitest'
import { isManifest, newDependencies } from './manifest.ts'

const json = (value: object) => JSON.stringify(value)

test.each([
  ['package.json', json({ dependencies: { a: '1' } }), json({ dependencies: { a: '2' }, devDependencies: { b: '1' } }), ['b']],
  ['web/package.json', json({ devDependencies: { a: '1' } }), json({ dependencies: { a: '1' }, scripts: { b: 'x' } }), []],
  ['package.json', json({ dependencies: { a: '^1.2 || 2' } }), json({ dependencies: { a: 'git+https://evil/a.git' } }), ['a']],
  ['package.json', json({ dependencies: { a: '1' } }), json({ dependencies: { a: 'npm:b@1' } }), ['a']],
  ['package.json', json({}), json({ dependencies: { own: 'workspace:*' }, imports: { '#x': './x.js' } }), ['own']],
  ['package.json', json({ version: '1' }), json({ version: '2' }), []],
  ['composer.json', json({}), json({ require: { 'a/b': '^1' } }), ['a/b']],
  [
    'Cargo.toml',
    '[dependencies]\nserde = "1"\n',
    '[dependencies]\nserde = "2"\n\n[dev-dependencies]\ninsta = { version = "1" }\n',
    ['insta'],
  ],
  ['Cargo.toml', '[package]\nname = "a"\n', '[package]\nname = "a"\nedition = "2021"\n[features]\nx = []\n', []],
  ['Cargo.toml', '', '[dependencies.tokio]\nversion = "1"\n[target.\'cfg(unix)\'.dependencies]\nlibc = "0.2"\n', ['tokio', 'libc']],
  ['Cargo.toml', '[dependencies]\na = "1"\n', '[dependencies]\na = { git = "https://evil/a" }\n', ['a']],
  [
    'pyproject.toml',
    '[project]\ndependencies = [\n  "httpx[http2]>=0.27",\n]\n',
    '[project]\ndependencies = [\n  "httpx[http2]>=0.28", # why\n  "Rich_Text>=13",\n]\nname = "x"\n',
    ['rich-text'],
  ],
  [
    'pyproject.toml',
    '',
    '[project]\nname = "a"\ndependencies = ["a>1", "b"]\n[tool.poetry.dependencies]\npython = "^3"\nc = "1"\n',
    ['a', 'b', 'c'],
  ],
  ['requirements.txt', 'a==1\n', '# b==2\na==2\n-r other.txt\nc>=1  # needed\n', ['c']],
  ['requirements-dev.txt', '', 'git+https://x/y.git#egg=y\n', ['y']],
  [
    'go.mod',
    'module m\ngo 1.22\n',
    'module example.com/m\ngo 1.22\nrequire (\n\tgithub.com/a/b v1.2.3 // indirect\n)\n',
    ['github.com/a/b'],
  ],
  ['go.mod', 'require a.io/b v1.0.0\n', 'require a.io/b v1.1.0\nreplace a.io/b => evil.io/b v1.0.0\n', ['a.io/b']],
  ['Gemfile', 'gem "rails"\n', 'gem "rails", "~> 8"\n# gem "no"\ngem \'pg\', git: "https://x"\n', ['pg']],
  [
    'pom.xml',
    '<dependency><groupId>g</groupId><artifactId>a</artifactId></dependency>',
    '<project><artifactId>own</artifactId><dependency><groupId>g</groupId><artifactId>b</artifactId></dependency></project>',
    ['g:b'],
  ],
] as const)('%s: from %j to %j adds %j', (path, before, after, added) => {
  expect(isManifest(path)).toBe(true)
  expect(newDependencies({ path, before, after })).toEqual(added)
})

test('a new file brings all it lists, a deleted one nothing, and one that cannot be read is said to be so', () => {
  expect(newDependencies({ path: 'package.json', after: json({ dependencies: { a: '1' } }) })).toEqual(['a'])
  expect(newDependencies({ path: 'package.json', before: json({ dependencies: { a: '1' } }) })).toEqual([])
  expect(newDependencies({ path: 'package.json', after: '{"dependencies": {' })).toBeUndefined()
  expect(newDependencies({ path: 'package.json', before: '<<<<<<<', after: json({ dependencies: { a: '1' } }) })).toEqual(['a'])
})

test.each(['package-lock.json', 'src/package.json.ts', 'requirements.md', 'mygo.mod.txt', 'Cargo.lock'])('%s is no manifest', (path) => {
  expect(isManifest(path)).toBe(false)
})
