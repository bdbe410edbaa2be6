import type { LanguageFn } from 'highlight.js'
import type { Tone } from '../text/line.ts'

/** The tones of a text, line by line: pieces that together are the line. */
export type Syntax = (text: string) => readonly (readonly Piece[])[]
export interface Piece {
  readonly text: string
  readonly tone: Tone | undefined
}

/** The colours of a file's language, loaded when the first such file is looked at; undefined for one that is not known. */
export function loadSyntax(path: string): Promise<Syntax | undefined> {
  const name = languageOf(path)
  if (name === undefined) return Promise.resolve(undefined)
  const loading = loaded.get(name) ?? load(name)
  loaded.set(name, loading)
  return loading
}

const loaded = new Map<string, Promise<Syntax>>()

async function load(name: string): Promise<Syntax> {
  const [core, grammar] = await Promise.all([import('highlight.js/lib/core'), import(`highlight.js/lib/languages/${name}`)])
  const engine = core.default.newInstance()
  engine.registerLanguage(name, (grammar as { default: LanguageFn }).default)
  return (text) => piecesOf(engine.highlight(text, { language: name, ignoreIllegals: true }).value)
}

/** highlight.js answers HTML of its own making: spans with a class, and five entities. */
function piecesOf(html: string): Piece[][] {
  const lines: Piece[][] = [[]]
  const open: (Tone | undefined)[] = []
  for (const [found, name] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (name !== undefined) open.push(toneOf(name) ?? open.at(-1))
    else if (found === '</span>') open.pop()
    else {
      for (const [at, text] of unescaped(found).split('\n').entries()) {
        if (at > 0) lines.push([])
        if (text !== '') lines.at(-1)?.push({ text, tone: open.at(-1) })
      }
    }
  }
  return lines
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity)
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" }

function toneOf(names: string): Tone | undefined {
  const [name = ''] = names.replace(/^hljs-/, '').split(' ')
  return TONES[name]
}

const TONES: Readonly<Record<string, Tone>> = {
  keyword: 'keyword',
  literal: 'number',
  number: 'number',
  string: 'string',
  regexp: 'string',
  comment: 'comment',
  quote: 'comment',
  doctag: 'comment',
  meta: 'comment',
  title: 'name',
  section: 'heading',
  name: 'name',
  tag: 'name',
  'selector-tag': 'keyword',
  'selector-class': 'name',
  attr: 'name',
  attribute: 'name',
  property: 'name',
  type: 'type',
  built_in: 'type',
  'template-variable': 'number',
  symbol: 'number',
}

function languageOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  return BY_NAME.get(name) ?? BY_ENDING.get(name.slice(name.lastIndexOf('.') + 1))
}

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ['dockerfile', 'dockerfile'],
  ['makefile', 'makefile'],
  ['cmakelists.txt', 'cmake'],
])

const BY_ENDING: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: 'sh bash zsh',
    c: 'c h',
    clojure: 'clj cljs',
    cpp: 'cc cpp cxx hh hpp',
    csharp: 'cs',
    css: 'css',
    dart: 'dart',
    diff: 'diff patch',
    elixir: 'ex exs',
    erlang: 'erl hrl',
    go: 'go',
    graphql: 'graphql gql',
    haskell: 'hs',
    ini: 'ini toml',
    java: 'java',
    javascript: 'js cjs mjs jsx',
    json: 'json jsonc',
    kotlin: 'kt kts',
    less: 'less',
    lua: 'lua',
    makefile: 'mk',
    markdown: 'md markdown',
    nix: 'nix',
    objectivec: 'm mm',
    perl: 'pl pm',
    php: 'php',
    powershell: 'ps1',
    protobuf: 'proto',
    python: 'py pyi',
    r: 'r',
    ruby: 'rb',
    rust: 'rs',
    scala: 'scala sc',
    scss: 'scss',
    sql: 'sql',
    swift: 'swift',
    typescript: 'ts cts mts tsx',
    xml: 'html htm svg vue xml',
    yaml: 'yaml yml',
  }).flatMap(([language, endings]) => endings.split(' ').map((ending): [string, string] => [ending, language])),
)
