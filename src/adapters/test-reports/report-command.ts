import type { Runner, Step } from '../../domain/queue/step.ts'
import type { TestId } from '../../domain/queue/test-run.ts'
import type { ReportedCommand } from '../../ports/test-reporting.ts'
import { NODE_TEST_REPORTER } from './node-test-reporter.ts'
import { findCall, type RunnerCall } from './runner-call.ts'
import { lastCommand } from './shell-line.ts'

/** Arguments for a runner: those that make it report, and those that make it run only some tests. */
interface Arguments {
  readonly report: readonly string[]
  /** Empty: it can only run everything. */
  readonly narrow: readonly string[]
  /** They stand right behind the runner's name, since what follows may be no options any more. */
  readonly isInFront: boolean
  /** What makes it report where arguments do not reach it. */
  readonly environment?: Readonly<Record<string, string>>
}

/** The line as the user wrote it, with arguments behind or within that the shell takes as they are. */
export function reportCommand(
  { run }: Step,
  runner: Runner | undefined,
  tests: readonly TestId[],
  reportFile: string,
  manifest: string | undefined,
): ReportedCommand {
  const plain = { argv: shell(run, []), environment: {}, isNarrowed: false }
  const call = runner === undefined ? undefined : (callOf(run, runner, manifest) ?? undefined)
  if (runner === undefined || call === undefined) return plain
  const { report, narrow, isInFront, environment = {} } = ARGUMENTS[runner](call, tests, reportFile)
  const isNarrowed = tests.length > 0 && narrow.length > 0
  const args = [...report, ...(isNarrowed ? narrow : [])]
  const isBehind = !isInFront || (call.optionsAt === undefined && !hasPlainWords(call.words))
  const at = isBehind ? run.length : call.optionsAt
  // Behind a script's other arguments they would mean something else; what the environment says still reaches the runner.
  if (at === undefined || call.separator === undefined) return { ...plain, environment }
  return { argv: shell(run, args, at, call.separator), environment: {}, isNarrowed }
}

/** A runner that the user named need not be visible in the line: then the line itself must take its arguments. */
function callOf(line: string, runner: Runner, manifest: string | undefined): RunnerCall | undefined {
  const call = findCall(line, manifest)
  if (call !== undefined) return call.runner === runner ? call : undefined
  const words = lastCommand(line)
  if (words === undefined || words.length === 0) return undefined
  const separator = words[0]?.text === 'npm' && !words.some(({ text }) => text === '--') ? '-- ' : ''
  return { runner, words: words.slice(1).map(({ text }) => text), separator, isElsewhere: true }
}

/** Names of tests and files stand in arguments of their own: no text of theirs is ever read by a shell. */
function shell(line: string, args: readonly string[], at = line.length, separator = ''): readonly string[] {
  if (args.length === 0) return ['/bin/sh', '-c', line, 'sh']
  return ['/bin/sh', '-c', `${line.slice(0, at).trimEnd()} ${separator}"$@"${line.slice(at)}`, 'sh', ...args]
}

const ARGUMENTS: Readonly<Record<Runner, (call: RunnerCall, tests: readonly TestId[], reportFile: string) => Arguments>> = {
  'node-test': (call, tests, reportFile) => ({
    report: nodeReporters(reportFile),
    narrow: [
      ...(hasWholeFiles(tests) ? [] : leafNames(tests).map((name) => `--test-name-pattern=(?:^| )(?:${escaped(name)})$`)),
      ...(call.isElsewhere || hasPlainWords(call.words) ? [] : filesOf(tests)),
    ],
    isInFront: true,
    environment: { NODE_OPTIONS: nodeReporters(reportFile).map(optionWord).join(' ') },
  }),
  vitest: (call, tests, reportFile) => ({
    report: ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
    narrow: [...nameFilter('--testNamePattern=', tests), ...(call.isElsewhere ? [] : filesOf(tests))],
    isInFront: false,
  }),
  jest: (call, tests, reportFile) => ({
    report: ['--json', `--outputFile=${reportFile}`],
    narrow: [
      ...nameFilter('--testNamePattern=', tests),
      ...(call.isElsewhere || hasPlainWords(call.words) || filesOf(tests).length === 0 ? [] : ['--runTestsByPath', ...filesOf(tests)]),
    ],
    isInFront: false,
  }),
  mocha: (call, tests, reportFile) => ({
    report: ['--reporter', 'json', '--reporter-option', `output=${reportFile}`],
    narrow: [...nameFilter('--grep=', tests), ...(call.isElsewhere || hasPlainWords(call.words) ? [] : filesOf(tests))],
    isInFront: false,
  }),
  // A name that is not there would keep pytest from running the others, so it is given files alone.
  pytest: (call, tests, reportFile) => ({
    report: ['-o', 'junit_family=xunit1', '--continue-on-collection-errors', `--junit-xml=${reportFile}`],
    narrow: call.isElsewhere || hasPlainWords(call.words) || tests.some(({ file }) => file === undefined) ? [] : filesOf(tests),
    isInFront: false,
  }),
  'go-test': (call, tests) => ({
    report: ['-json'],
    narrow: call.words.some((word) => /^--?run\b/.test(word))
      ? []
      : [`-run=^(?:${[...new Set(tests.map(goName))].map(escaped).join('|')})$`],
    isInFront: true,
  }),
  'cargo-test': (call, tests) => ({
    report: call.words.includes('--') ? [] : ['--no-fail-fast'],
    narrow: [...(call.words.includes('--') ? [] : ['--']), '--exact', ...tests.map(({ name }) => name)],
    isInFront: false,
  }),
}

/** A pattern that fits a suite runs all of it in Node 20, so the names that a test stands in are left out. */
function leafNames(tests: readonly TestId[]): readonly string[] {
  return [...new Set(tests.map(({ name }) => name.slice(name.lastIndexOf(' > ') + 1).replace(/^> /, '')))]
}

/** A file that could not be loaded is a failure that is named as the file: all of it must run then. */
function hasWholeFiles(tests: readonly TestId[]): boolean {
  return tests.some(({ file, name }) => file === name)
}

function filesOf(tests: readonly TestId[]): readonly string[] {
  return tests.some(({ file }) => file === undefined) ? [] : [...new Set(tests.flatMap(({ file }) => file ?? []))]
}

/** These runners join the names that a test stands in with a space. */
function nameFilter(option: string, tests: readonly TestId[]): readonly string[] {
  if (hasWholeFiles(tests)) return []
  return [`${option}^(?:${tests.map(({ name }) => escaped(name).replaceAll(' > ', '(?: > | )')).join('|')})$`]
}

function goName({ name }: TestId): string {
  return (name.split(' > ').at(-1) ?? name).split('/')[0] ?? name
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

/** Options that take the next word as their value, among those that people write in such lines. */
const TAKES_VALUE =
  /^(?:-[A-Za-z]|--(?:import|require|loader|experimental-loader|conditions|config|env-file|reporter|ui|timeout|ignore|root[dD]ir|project|root|dir|maxWorkers|pool))$/

/** Whether some word would be taken as a file or a folder to test. */
function hasPlainWords(words: readonly string[]): boolean {
  return words.some((word, index) => !word.startsWith('-') && word !== 'run' && !TAKES_VALUE.test(words[index - 1] ?? ''))
}

function nodeReporters(reportFile: string): readonly string[] {
  return [
    `--test-reporter=${NODE_TEST_REPORTER}`,
    `--test-reporter-destination=${reportFile}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
  ]
}

/** As NODE_OPTIONS is parted into words. */
function optionWord(option: string): string {
  return /[\s"\\]/.test(option) ? `"${option.replaceAll(/["\\]/g, String.raw`\$&`)}"` : option
}
