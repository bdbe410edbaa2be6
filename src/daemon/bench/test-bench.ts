import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestId, TestRun } from '../../domain/queue/test-run.ts'
import type { Home } from '../../config/home.ts'
import { reapMarked } from '../../platform/environments/marked-processes.ts'
import type { Git, Repository } from '../../ports/git.ts'
import type { TestReporting } from '../../ports/test-reporting.ts'
import type { BenchRequest, TestBench as TestBenchPort } from '../../workflows/services.ts'
import type { Templates } from '../dependencies/templates.ts'
import { setUpKey } from '../dependencies/set-up-key.ts'
import type { Environments } from '../services/environments.ts'
import { reportOn } from './narrowed-run.ts'
import { queueFiles } from '../queue/queue-files.ts'
import type { ResultGround, Results, StepResult } from './results.ts'
import { markerOf, SlotGround } from './slot-ground.ts'
import { Slots } from './slots.ts'
import { Trial } from './trial.ts'

export interface TestBenchParts {
  readonly home: Home
  readonly git: Git
  readonly environments: Environments
  readonly templates: Pick<Templates, 'provide'>
  readonly reporting: TestReporting
  readonly results: Results
  readonly now: () => number
}

/** Tests trees in the slots of their project. What is known of a tree is not asked again. */
export class TestBench implements TestBenchPort {
  readonly #parts: TestBenchParts
  readonly #slots = new Slots()
  readonly #reaped = new Map<string, Promise<void>>()

  constructor(parts: TestBenchParts) {
    this.#parts = parts
  }

  async run(request: BenchRequest): Promise<TestRun> {
    const environment = await this.#parts.environments.load(request.environment)
    const ground: ResultGround = { place: 'clean', setup: request.setup?.line, environment }
    const known = request.rerun === 0 ? await this.#known(request, ground) : undefined
    if (known !== undefined) return known
    try {
      const { run, release } = await this.#begin(request, ground)
      return await run().finally(release)
    } catch (error) {
      if (!request.signal.aborted) throw error
      return { kind: 'stopped', durationMs: 0, isCached: false }
    }
  }

  /** Takes away what nobody tests in at this moment; it is made again when it is needed. */
  async removeSlots(project: string, repository: Repository): Promise<void> {
    const { slots } = queueFiles(this.#parts.home, project)
    for (const number of await slotNumbers(slots)) {
      const slot = this.#slots.takeIfFree(project, number)
      if (slot === undefined) continue
      try {
        await reapMarked(markerOf(join(slots, String(number))))
        await new SlotGround(slots, number).remove(repository)
      } finally {
        slot.release()
      }
    }
  }

  async #begin(request: BenchRequest, ground: ResultGround): Promise<{ run: () => Promise<TestRun>; release: () => void }> {
    await this.#reapOnce(request.project)
    const repository = await this.#parts.git.open(request.repository)
    const { slots } = queueFiles(this.#parts.home, request.project)
    const key = request.setup === undefined ? '' : await setUpKey(repository, request.commit, request.setup.line)
    const numbers = Array.from({ length: request.slots }, (_, index) => index + 1)
    const warm = await Promise.all(numbers.map(async (number) => ((await new SlotGround(slots, number).isSetUpFor(key)) ? [number] : [])))
    const slot = await this.#slots.take(request.project, request.slots, warm.flat(), request.signal)
    const trial = new Trial({ ...this.#parts, request, ground, repository, key, slot: new SlotGround(slots, slot.number) })
    return { run: () => trial.run(), release: slot.release }
  }

  /** The answer of earlier runs: only where it settles the whole question, since a later step needs what the earlier ones made. */
  async #known(request: BenchRequest, ground: ResultGround): Promise<TestRun | undefined> {
    const { scope, steps } = request
    const cost = { durationMs: 0, isCached: true }
    let tests: number | undefined
    for (const [index, step] of steps.entries()) {
      if (scope !== 'all' && step.name !== scope.step) continue
      const result = await this.#parts.results.find(request.project, request.tree, steps.slice(0, index + 1), ground)
      if (result === undefined) return undefined
      if (result.tests !== undefined) tests = (tests ?? 0) + result.tests
      const counted = { ...cost, ...(tests !== undefined && { tests }) }
      if (result.kind === 'passed') continue
      return failedBefore(result, scope === 'all' ? [] : scope.tests, step.name, counted)
    }
    return { kind: 'passed', ...cost, ...(tests !== undefined && { tests }) }
  }

  /** What a daemon that died left running would slow down what runs now, and write into slots. */
  #reapOnce(project: string): Promise<void> {
    const { slots } = queueFiles(this.#parts.home, project)
    const begun = this.#reaped.get(project) ?? reapSlots(slots)
    this.#reaped.set(project, begun)
    begun.catch(() => this.#reaped.delete(project))
    return begun
  }
}

/** Undefined when the result says nothing of a test that is asked for: a step that failed need not have run it. */
function failedBefore(
  { failures, summary, tail, log }: Extract<StepResult, { kind: 'failed' }>,
  tests: readonly TestId[],
  step: string,
  cost: { durationMs: number; isCached: boolean; tests?: number },
): TestRun | undefined {
  if (tests.length === 0) return { kind: 'failed', ...cost, step, failures, passed: [], summary, tail, log }
  const found = reportOn(tests, { failed: failures, passed: [], skipped: 0 })
  return found.failures.length < tests.length ? undefined : { kind: 'failed', ...cost, step, ...found, summary, tail, log }
}

async function reapSlots(slots: string): Promise<void> {
  for (const number of await slotNumbers(slots)) await reapMarked(markerOf(join(slots, String(number))))
}

async function slotNumbers(slots: string): Promise<readonly number[]> {
  const names = await readdir(slots).catch(() => [])
  return names.filter((name) => /^[0-9]+$/.test(name)).map(Number)
}
