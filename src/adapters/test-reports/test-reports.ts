import { constants } from 'node:fs'
import { open, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Runner, Step } from '../../domain/queue/step.ts'
import type { TestReport, TestReporting } from '../../ports/test-reporting.ts'
import { readCargo } from './formats/cargo.ts'
import { readGo } from './formats/go.ts'
import { readJest } from './formats/jest.ts'
import { readJunit } from './formats/junit.ts'
import { readMocha } from './formats/mocha.ts'
import { readNodeTest } from './formats/node-test.ts'
import { readTap } from './formats/tap.ts'
import { GatheredTests } from './gathered-tests.ts'
import { reportCommand } from './report-command.ts'
import { detectRunner } from './detect-runner.ts'

export const testReports: TestReporting = { detect: detectRunner, command: reportCommand, read: readReport }

type Made = Parameters<TestReporting['read']>[2]

/** Reports are written by what is tested: whatever stands there does no harm, and what cannot be understood counts as none. */
async function readReport(step: Step, runner: Runner | undefined, made: Made): Promise<TestReport | undefined> {
  const text = await textOf(step, runner, made)
  if (text === undefined || text.trim() === '') return undefined
  const root = await realpath(made.root).catch(() => made.root)
  const tests = new GatheredTests([...new Set([made.root, root])])
  try {
    const said = await parse(step, runner, text, tests, made.root)
    const report = tests.report()
    const isEmpty = report.passed.length + report.failed.length + report.skipped === 0
    return isEmpty && runner === undefined ? undefined : { ...report, ...(said !== undefined && { text: said }) }
  } catch {
    return undefined
  }
}

/** Answers the text for people where the runner's own output is for programs. */
async function parse(
  step: Step,
  runner: Runner | undefined,
  text: string,
  tests: GatheredTests,
  root: string,
): Promise<string | undefined> {
  switch (runner) {
    case 'node-test':
      readNodeTest(text, tests)
      return undefined
    case 'vitest':
    case 'jest':
      readJest(text, tests)
      return undefined
    case 'mocha':
      readMocha(text, tests)
      return failuresAsText(tests.report())
    case 'pytest':
      readJunit(text, tests, { isPytest: true })
      return undefined
    case 'go-test':
      return readGo(text, tests, await goModule(root))
    case 'cargo-test':
      readCargo(text, tests)
      return undefined
    case undefined:
      if (step.report === 'tap') readTap(text, tests)
      else readJunit(text, tests)
      return undefined
  }
}

/** Mocha writes its report in the place of what people read. */
function failuresAsText({ passed, failed, skipped }: TestReport): string {
  const blocks = failed.map(({ name, message }, index) => `${index + 1}) ${name}\n${message.replaceAll(/^/gm, '   ')}`)
  return [...blocks, `${passed.length} passing, ${failed.length} failing, ${skipped} pending`].join('\n\n')
}

async function goModule(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, 'go.mod'), 'utf8').catch(() => '')
  return /^module\s+"?([^\s"]+)/m.exec(text.slice(0, 10_000))?.[1]
}

async function textOf(
  { report }: Step,
  runner: Runner | undefined,
  { reportFile, stdout, root, since }: Made,
): Promise<string | undefined> {
  if (runner === 'go-test' || runner === 'cargo-test') return stdout
  if (runner !== undefined) return loadReport(reportFile, since)
  if (report === 'tap') return stdout
  if (typeof report !== 'object') return undefined
  const path = join(root, report.junit)
  const [folder, top] = await Promise.all([realpath(dirname(path)).catch(() => undefined), realpath(root).catch(() => undefined)])
  return folder !== undefined && top !== undefined && `${folder}/`.startsWith(`${top}/`) ? loadReport(path, since) : undefined
}

const MOST_BYTES = 64 << 20

/** A plain file that was written by this run; what the tests put in its place (a link, a pipe) is not opened, and a huge one not read. */
async function loadReport(path: string, since: number): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      // File systems keep times more coarsely than clocks do.
      const isOfThisRun = found.mtimeMs >= since - 2000
      return found.isFile() && found.size <= MOST_BYTES && isOfThisRun ? await file.readFile('utf8') : undefined
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
