import { join } from 'node:path'
import { stepsFor, type Step } from '../../domain/queue/step.ts'
import type { TestId, TestRun, TestRunCost } from '../../domain/queue/test-run.ts'
import { reapMarked } from '../../platform/environments/marked-processes.ts'
import type { Home } from '../../config/home.ts'
import type { Repository } from '../../ports/git.ts'
import type { TestReport, TestReporting } from '../../ports/test-reporting.ts'
import type { BenchRequest } from '../../workflows/services.ts'
import type { SetUpSettings } from '../../workflows/queue/offer.ts'
import type { Ground } from '../dependencies/ground.ts'
import type { Templates } from '../dependencies/templates.ts'
import { joined, reportOn, untoldFiles } from './narrowed-run.ts'
import { fileNameOf, queueFiles } from '../queue/queue-files.ts'
import type { ResultGround, Results } from './results.ts'
import { markerOf, type SlotGround } from './slot-ground.ts'
import { runStep, type StepRun } from './step-run.ts'

export interface TrialParts {
  readonly home: Home
  readonly reporting: TestReporting
  readonly results: Results
  readonly templates: Pick<Templates, 'provide'>
  readonly now: () => number
  readonly request: BenchRequest
  readonly ground: ResultGround
  readonly repository: Repository
  /** Of the set-up. */
  readonly key: string
  readonly slot: SlotGround
}

/** One request in the slot that it was given. */
export class Trial {
  readonly #parts: TrialParts
  readonly #startedAt: number
  #tests: number | undefined
  #manifest: string | undefined

  constructor(parts: TrialParts) {
    this.#parts = parts
    this.#startedAt = parts.now()
  }

  async run(): Promise<TestRun> {
    const { request, repository, slot, key } = this.#parts
    await reapMarked(markerOf(slot.path))
    const tests = await this.#present()
    if (tests === 'none') return { kind: 'passed', ...this.#cost() }
    const state = await slot.moveTo(repository, request.commit, key)
    this.#manifest = (await this.#readManifest())?.slice(0, MOST_MANIFEST)
    const failedSetUp = state === 'set-up' ? undefined : await this.#setUp()
    return failedSetUp ?? this.#runSteps(tests)
  }

  /** The tests that are asked for and whose file the commit has. One that is not there fails nowhere. */
  async #present(): Promise<readonly TestId[] | 'none'> {
    const { repository, request } = this.#parts
    const asked = request.scope === 'all' ? [] : request.scope.tests
    if (asked.length === 0) return []
    const paths = new Set((await repository.listFiles(request.commit)).map(({ path }) => path))
    const found = asked.filter(({ file }) => file === undefined || paths.has(file))
    return found.length === 0 ? 'none' : found
  }

  async #readManifest(): Promise<string | undefined> {
    const { repository, request } = this.#parts
    const bytes = await repository.readFile(request.commit, 'package.json')
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
  }

  async #setUp(): Promise<TestRun | undefined> {
    const { templates, request, repository, slot, key } = this.#parts
    if (request.setup === undefined) return undefined
    const { line, timeoutMs } = request.setup
    const step: Step = { name: 'setup', run: line, timeoutMs, report: 'none' }
    request.onStep?.(step.name)
    const provided = await templates.provide(
      this.#groundFor(request.setup),
      () => this.#runLine(step, []),
      ({ end }) => end === 'passed',
    )
    if (provided.kind === 'copied' || provided.made.end === 'passed') await slot.noteSetUp(repository, key)
    return provided.kind === 'copied' ? undefined : this.#judge(step, provided.made, [])
  }

  #groundFor({ line, timeoutMs, share = [] }: SetUpSettings): Ground {
    const { home, request, slot, ground } = this.#parts
    return {
      project: request.project,
      repository: request.repository,
      path: slot.path,
      line,
      share,
      environment: ground.environment,
      marker: markerOf(slot.path),
      timeoutMs,
      log: join(queueFiles(home, request.project).logs, `${fileNameOf(request.id)}.setup.log`),
      signal: request.signal,
    }
  }

  /** A step needs what the steps before it made, so those run even when only tests of one step are asked for: all of them, unless it says which. */
  async #runSteps(tests: readonly TestId[]): Promise<TestRun> {
    const { steps, scope } = this.#parts.request
    const wanted = scope === 'all' ? steps : stepsFor(steps, scope.step)
    for (const step of wanted) {
      const index = steps.indexOf(step)
      const asked = step === wanted.at(-1) ? tests : []
      const startedAt = this.#parts.now()
      const run = await this.#runTests(step, asked)
      if (run.report !== undefined) this.#tests = (this.#tests ?? 0) + run.report.passed.length + run.report.failed.length
      const isWhole = asked.length === 0 || !run.isNarrowed
      if (isWhole && steps.slice(0, index).every((earlier) => wanted.includes(earlier)))
        await this.#keep(index, run, this.#parts.now() - startedAt)
      const failed = this.#judge(step, run, asked)
      if (failed !== undefined) return failed
    }
    return { kind: 'passed', ...this.#cost() }
  }

  async #runTests(step: Step, asked: readonly TestId[]): Promise<StepRun> {
    const run = await this.#runLine(step, asked)
    const isAnswer = run.end === 'passed' || run.end === 'failed'
    const files = run.report === undefined || !run.isNarrowed || !isAnswer ? [] : untoldFiles(asked, run.report)
    if (run.report === undefined || files.length === 0) return run
    const more = await this.#runLine(step, files, 'files')
    return more.report === undefined ? more : { ...more, report: joined(run.report, more.report) }
  }

  #runLine(step: Step, tests: readonly TestId[], which = ''): Promise<StepRun> {
    const { home, request, reporting, slot, ground } = this.#parts
    request.onStep?.(step.name)
    return runStep(reporting, {
      step,
      tests,
      manifest: this.#manifest,
      path: slot.path,
      logs: queueFiles(home, request.project).logs,
      name: [fileNameOf(request.id), step.name, ...(which === '' ? [] : [which])].join('.'),
      marker: markerOf(slot.path),
      environment: ground.environment,
      timeoutMs: step.timeoutMs ?? request.defaultTimeoutMs,
      signal: request.signal,
    })
  }

  /** Only what the step itself said: that it was stopped, or too slow for a busy machine, is nothing about the tree. */
  async #keep(index: number, run: StepRun, durationMs: number): Promise<void> {
    const { results, request, ground } = this.#parts
    if (run.end !== 'passed' && run.end !== 'failed') return
    const tests = run.report === undefined ? {} : { tests: run.report.passed.length + run.report.failed.length }
    const { summary, tail, log } = run
    const failures = run.report?.failed ?? []
    await results.keep(
      request.project,
      request.tree,
      request.steps.slice(0, index + 1),
      ground,
      run.end === 'passed'
        ? { kind: 'passed', durationMs, ...tests }
        : { kind: 'failed', durationMs, ...tests, failures, summary, tail, log },
    )
  }

  /** Undefined when the step passed, or all of it that was asked for. */
  #judge({ name }: Step, run: StepRun, asked: readonly TestId[]): TestRun | undefined {
    const { end, report, summary, tail, log } = run
    if (end === 'stopped') return { kind: 'stopped', ...this.#cost() }
    const about = report === undefined || asked.length === 0 ? undefined : reportOn(asked, report)
    if (end === 'passed' && (about === undefined || about.failures.length === 0)) return undefined
    // The exit code of a narrowed run may speak of something else: of a coverage that is too low, or of other tests of a whole run.
    if (end === 'failed' && about?.failures.length === 0 && !isEmpty(report)) return undefined
    const { failures = report?.failed ?? [], passed = [] } = about ?? {}
    return { kind: 'failed', ...this.#cost(), step: name, failures, passed, summary, tail, log }
  }

  #cost(): TestRunCost {
    const durationMs = this.#parts.now() - this.#startedAt
    return { durationMs, isCached: false, ...(this.#tests !== undefined && { tests: this.#tests }) }
  }
}

const MOST_MANIFEST = 1 << 20

function isEmpty(report: TestReport | undefined): boolean {
  return report === undefined || report.passed.length + report.failed.length + report.skipped === 0
}
