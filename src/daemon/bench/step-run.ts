import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Runner, Step } from '../../domain/queue/step.ts'
import type { TestId } from '../../domain/queue/test-run.ts'
import { plainLine } from '../../foundation/text.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import { runCommand, type CommandResult } from '../../platform/run-command.ts'
import type { TestReport, TestReporting } from '../../ports/test-reporting.ts'
import { keepNewest } from '../queue/queue-files.ts'

export interface StepRequest {
  readonly step: Step
  /** Empty: the whole step. */
  readonly tests: readonly TestId[]
  /** Text of the tree's package.json. */
  readonly manifest: string | undefined
  readonly path: string
  readonly logs: string
  /** File name of the log, without its ending. */
  readonly name: string
  readonly marker: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface StepRun {
  /** `killed`: by a signal that comes from outside, of a machine that goes down or has no memory left. */
  readonly end: 'passed' | 'failed' | 'killed' | 'timed-out' | 'stopped'
  readonly report?: TestReport
  readonly isNarrowed: boolean
  readonly summary: string
  readonly tail: string
  readonly log: string
}

const MOST_LOG_BYTES = 64 << 20
const MOST_OUTPUT_BYTES = 8 << 20
const MOST_LOGS = 1000

/** Runs one line to its end and reads what it says of single tests. The log grows while it runs. */
export async function runStep(reporting: TestReporting, request: StepRequest): Promise<StepRun> {
  const { step, tests, manifest, path, logs, name } = request
  const log = join(logs, `${name}.log`)
  const reportFile = join(logs, `${name}.report`)
  await ensurePrivateDirectory(logs)
  await Promise.all([rm(log, { force: true }), rm(reportFile, { force: true, recursive: true }), keepNewest(logs, MOST_LOGS)])
  const since = Date.now()
  const runner = runnerOf(reporting, step, manifest)
  const { argv, environment, isNarrowed } = reporting.command(step, runner, tests, reportFile, manifest)
  try {
    const outcome = await runCommand({
      argv,
      cwd: path,
      environment: environmentOf(request.environment, environment),
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      outputFile: log,
      maxFileBytes: MOST_LOG_BYTES,
      maxOutputBytes: MOST_OUTPUT_BYTES,
      marker: request.marker,
    })
    const report = await reporting.read(step, runner, { reportFile, stdout: outcome.stdout, root: path, since })
    return { ...toRun(outcome, request, report, argv.slice(OWN_ARGUMENTS_AT)), isNarrowed, log, ...(report !== undefined && { report }) }
  } finally {
    await rm(reportFile, { force: true, recursive: true })
  }
}

function environmentOf(of: Readonly<Record<string, string>>, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [theirs, ours] = [of['NODE_OPTIONS'], more['NODE_OPTIONS']]
  const joined = theirs === undefined || ours === undefined ? {} : { NODE_OPTIONS: `${theirs} ${ours}` }
  return { ...of, CI: of['CI'] ?? 'true', ...more, ...joined }
}

function runnerOf(reporting: TestReporting, { run, report }: Step, manifest: string | undefined): Runner | undefined {
  if (report === undefined) return reporting.detect(run, manifest)
  return typeof report === 'object' || report === 'tap' || report === 'none' ? undefined : report
}

function toRun(
  outcome: CommandResult,
  { step, timeoutMs }: StepRequest,
  report: TestReport | undefined,
  added: readonly string[],
): Pick<StepRun, 'end' | 'summary' | 'tail'> {
  const output = report?.text ?? `${outcome.stdout}\n${outcome.stderr}`
  const tail = withoutArguments(output, added).trim().slice(-6000)
  const line = plainLine(step.run)
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0
        ? { end: 'passed', summary: `${line} passed`, tail }
        : {
            end: KILLED.has(outcome.code - 128) ? 'killed' : 'failed',
            summary: failedWords(report) ?? `${line} ended with ${outcome.code}`,
            tail,
          }
    case 'timed-out':
      return { end: 'timed-out', summary: `${line} took longer than ${timeoutMs / 1000} s and was stopped`, tail }
    case 'aborted':
      return { end: 'stopped', summary: `${line} was stopped`, tail }
    case 'signalled':
      return {
        end: KILLED.has(constants.signals[outcome.signal as NodeJS.Signals]) ? 'killed' : 'failed',
        summary: `${line} was ended by ${outcome.signal}`,
        tail,
      }
    case 'not-found':
      return { end: 'failed', summary: `${outcome.program} is not there`, tail }
  }
}

/** A shell says 128 and the number of the signal that ended what it ran. */
const KILLED: ReadonlySet<number> = new Set((['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM'] as const).map((name) => constants.signals[name]))

/** Behind the shell, its option, the user's line and the name of what runs it. */
const OWN_ARGUMENTS_AT = 4

/** npm and others print the line that they run; what was added to it to make a runner report is long, and says nothing to who mends a test. */
function withoutArguments(output: string, [first]: readonly string[]): string {
  if (first === undefined) return output
  const shown = (line: string): string => {
    const at = line.indexOf(` ${first}`)
    return at < 0 ? line : line.slice(0, at)
  }
  return output.split('\n').map(shown).join('\n')
}

const SHOWN = 3

function failedWords(report: TestReport | undefined): string | undefined {
  const failed = report?.failed ?? []
  if (failed.length === 0) return undefined
  const names = failed.slice(0, SHOWN).map(({ name }) => plainLine(name, 100))
  const more = failed.length > SHOWN ? ` and ${failed.length - SHOWN} more` : ''
  return `${failed.length === 1 ? 'a test fails' : `${failed.length} tests fail`}: ${names.join('; ')}${more}`
}
