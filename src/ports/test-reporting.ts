import type { Runner, Step } from '../domain/queue/step.ts'
import type { TestFailure, TestId } from '../domain/queue/test-run.ts'

/** What test runners say of single tests, and how they are asked for some of them only. */
export interface TestReporting {
  /** The runner that a line calls; `npm test` and the like are looked up in the text of the tree's `package.json`. */
  detect(line: string, manifest: string | undefined): Runner | undefined
  /** How to run a step so that its report can be read afterwards. `tests` empty: all of it. */
  command(
    step: Step,
    runner: Runner | undefined,
    tests: readonly TestId[],
    reportFile: string,
    manifest: string | undefined,
  ): ReportedCommand
  /** Undefined when the command left no report that can be read. `root`: the folder that paths are made relative to. */
  read(
    step: Step,
    runner: Runner | undefined,
    made: {
      readonly reportFile: string
      readonly stdout: string
      readonly root: string
      /** When the step began, in milliseconds since the epoch: an older file is another run's report. */
      readonly since: number
    },
  ): Promise<TestReport | undefined>
}

export interface ReportedCommand {
  /** Names of tests and files are arguments of their own, never part of a shell's text. */
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** False: only the whole step can be run, whatever tests were asked for. */
  readonly isNarrowed: boolean
}

export interface TestReport {
  readonly passed: readonly TestId[]
  readonly failed: readonly TestFailure[]
  readonly skipped: number
  /** For people, where the runner's output is for programs. */
  readonly text?: string
}
