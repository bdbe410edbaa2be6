import { basename } from 'node:path'
import type { Runner } from '../../domain/queue/step.ts'
import { changesFolder, lastCommand, type Word } from './shell-line.ts'

/** How a line calls a test runner. */
export interface RunnerCall {
  readonly runner: Runner
  /** Those after the runner's name. */
  readonly words: readonly string[]
  /** Where options belong that must stand before others, in the line itself; absent where the call stands in a script of the manifest. */
  readonly optionsAt?: number
  /** What must stand in the line before arguments so that they reach the runner; undefined where they cannot. */
  readonly separator: '' | '-- ' | undefined
  /** The line was in another folder by then, so that paths of the repository mean nothing to the runner. */
  readonly isElsewhere: boolean
}

/** The runner that the last command of the line calls, itself or by a script of `package.json`. */
export function findCall(line: string, manifest: string | undefined, depth = 0): RunnerCall | undefined {
  const words = withoutWrappers(lastCommand(line) ?? [])
  const script = scriptName(words)
  if (script === undefined) return direct(words, changesFolder(line))
  const text = scriptsOf(manifest)[script.name]
  const inner = typeof text === 'string' && depth < 4 ? findCall(text, manifest, depth + 1) : undefined
  if (inner === undefined) return undefined
  const isElsewhere = inner.isElsewhere || changesFolder(line)
  // Only the outermost npm gets the dashes; a script that calls npm again would keep the arguments for itself.
  const separator = inner.separator === '' ? script.separator : inner.separator === '-- ' && script.separator === '' ? '-- ' : undefined
  const { optionsAt: _, ...call } = inner
  return { ...call, separator, isElsewhere, words: [...inner.words, ...script.more] }
}

function direct(words: readonly Word[], isElsewhere: boolean): RunnerCall | undefined {
  const texts = words.map(({ text }) => text)
  const found = programOf(texts)
  if (found === undefined) return undefined
  const { runner, at } = found
  const optionsAt = words[at]?.end
  return { runner, words: texts.slice(at + 1), separator: '', isElsewhere, ...(optionsAt !== undefined && { optionsAt }) }
}

/** `at`: the word after which the runner's own options stand. */
function programOf(words: readonly string[]): { readonly runner: Runner; readonly at: number } | undefined {
  const program = basename(words[0] ?? '')
  const second = words[1]
  const named = BY_NAME[program]
  if (named !== undefined) return { runner: named, at: 0 }
  if (program === 'go' && second === 'test') return { runner: 'go-test', at: 1 }
  if (program === 'cargo' && (second === 'test' || second === 't')) return { runner: 'cargo-test', at: 1 }
  if (/^python[0-9.]*$/.test(program) && second === '-m' && words[2] === 'pytest') return { runner: 'pytest', at: 2 }
  if (program !== 'node' && program !== 'tsx') return undefined
  const flag = words.indexOf('--test')
  const script = words.findIndex((word, index) => index > 0 && BY_SCRIPT[basename(word)] !== undefined && word.includes('node_modules'))
  if (flag > 0 && script < 0) return { runner: 'node-test', at: flag }
  const runner = BY_SCRIPT[basename(words[script] ?? '')]
  return runner === undefined ? undefined : { runner, at: script }
}

const BY_NAME: Readonly<Partial<Record<string, Runner>>> = {
  vitest: 'vitest',
  jest: 'jest',
  mocha: 'mocha',
  _mocha: 'mocha',
  pytest: 'pytest',
  'py.test': 'pytest',
}
const BY_SCRIPT: Readonly<Partial<Record<string, Runner>>> = {
  'vitest.mjs': 'vitest',
  vitest: 'vitest',
  'jest.js': 'jest',
  jest: 'jest',
  'mocha.js': 'mocha',
  mocha: 'mocha',
  _mocha: 'mocha',
}

/** `FOO=1 npx --yes cross-env BAR=2 c8 -r lcov vitest run` calls vitest. */
function withoutWrappers(words: readonly Word[]): readonly Word[] {
  const [first, second] = words
  if (first === undefined) return words
  const rest = words.slice(1)
  if (/^[A-Za-z_]\w*=/.test(first.text)) return withoutWrappers(rest)
  const name = basename(first.text)
  if (PLAIN_WRAPPERS.has(name)) return withoutWrappers(afterOptions(rest))
  if (RUNNING_WRAPPERS.has(name) && (second?.text === 'exec' || (second?.text === 'run' && PYTHON.has(name)))) {
    return withoutWrappers(afterOptions(words.slice(2)))
  }
  // yarn and pnpm also run a program of node_modules by its name.
  if ((name === 'yarn' || name === 'pnpm') && BY_NAME[second?.text ?? ''] !== undefined) return rest
  return words
}

const PLAIN_WRAPPERS = new Set(['npx', 'bunx', 'pnpx', 'env', 'cross-env', 'time', 'exec', 'command', 'c8', 'nyc', 'nice'])
const PYTHON = new Set(['poetry', 'uv', 'pipenv', 'pdm', 'hatch', 'rye'])
const RUNNING_WRAPPERS = new Set(['npm', 'pnpm', 'yarn', 'bundle', ...PYTHON])

function afterOptions(words: readonly Word[]): readonly Word[] {
  const first = words.findIndex(({ text }) => !text.startsWith('-'))
  return first < 0 ? [] : words.slice(first)
}

interface Script {
  readonly name: string
  readonly separator: '' | '-- '
  /** Arguments that the line gives it. */
  readonly more: readonly string[]
}

function scriptName(words: readonly Word[]): Script | undefined {
  const texts = words.map(({ text }) => text)
  const [program = '', verb = '', named = ''] = texts
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return undefined
  const isRun = /^(?:run|run-script)$/.test(verb)
  const isTest = /^(?:test|t|tst)$/.test(verb) && program !== 'bun'
  if (!isRun && !isTest) return program === 'yarn' && /^[a-z]/.test(verb) ? { name: verb, separator: '', more: texts.slice(2) } : undefined
  const rest = texts.slice(isRun ? 3 : 2)
  // npm keeps options before the dashes for itself: `npm test -w a` is another package's.
  if (program === 'npm' && rest.length > 0 && rest[0] !== '--') return undefined
  const more = rest[0] === '--' ? rest.slice(1) : rest
  return { name: isRun ? named : 'test', separator: program === 'npm' && rest[0] !== '--' ? '-- ' : '', more }
}

function scriptsOf(manifest: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const { scripts } = JSON.parse(manifest ?? '{}') as { scripts?: unknown }
    return typeof scripts === 'object' && scripts !== null ? (Object.assign(Object.create(null), scripts) as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
