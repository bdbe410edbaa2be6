import { join } from 'node:path'
import * as v from 'valibot'
import type { Step } from '../../domain/queue/step.ts'
import type { TestFailure } from '../../domain/queue/test-run.ts'
import type { Home } from '../../config/home.ts'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'
import { digestOf, keepNewest, queueFiles } from '../queue/queue-files.ts'

/** What a whole step of a validation came to on one tree. Times in milliseconds. */
export type StepResult = {
  readonly durationMs: number
  readonly tests?: number
} & (
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'failed'
      readonly failures: readonly TestFailure[]
      readonly summary: string
      readonly tail: string
      readonly log: string
    }
)

/** Everything of the world besides the tree that a result depends on. */
export interface ResultGround {
  /** `clean`: a worktree of the queue's own; `worktree`: a task's, in which its session has left what it likes. */
  readonly place: 'clean' | 'worktree'
  readonly setup: string | undefined
  readonly environment: Readonly<Record<string, string>>
}

const MOST_RESULTS = 5000
const MOST_BYTES = 1 << 20

/**
 * Results of whole steps by tree, step and environment, one file each: the same tree is not tested twice. Only what a step itself said
 * stands here, never that it was stopped or took too long. A file that cannot be read counts as none.
 */
export class Results {
  readonly #home: Home
  readonly #most: number
  readonly #kept = new Map<string, number>()

  constructor(home: Home, most = MOST_RESULTS) {
    this.#home = home
    this.#most = most
  }

  async find(project: string, tree: string, steps: readonly Step[], ground: ResultGround): Promise<StepResult | undefined> {
    try {
      const text = await loadText(this.#file(project, tree, steps, ground))
      return text === undefined ? undefined : (v.parse(Result, JSON.parse(text)) as StepResult)
    } catch {
      return undefined
    }
  }

  /** `steps`: those before it, and at last the one that the result is about. What cannot be kept (a full disk) is found out again. */
  async keep(project: string, tree: string, steps: readonly Step[], ground: ResultGround, result: StepResult): Promise<void> {
    await this.#keep(project, tree, steps, ground, result).catch(() => undefined)
  }

  async #keep(project: string, tree: string, steps: readonly Step[], ground: ResultGround, result: StepResult): Promise<void> {
    const folder = queueFiles(this.#home, project).results
    await ensurePrivateDirectory(folder)
    await replaceFile(this.#file(project, tree, steps, ground), bounded(result), { survives: 'kill' })
    const kept = (this.#kept.get(project) ?? 0) + 1
    this.#kept.set(project, kept)
    if (kept % 100 === 1) await keepNewest(folder, this.#most)
  }

  #file(project: string, tree: string, steps: readonly Step[], ground: ResultGround): string {
    const name = steps.at(-1)?.name ?? ''
    return join(queueFiles(this.#home, project).results, `${tree}.${name}.${environmentHash(steps, ground).slice(0, 32)}.json`)
  }
}

/** Of the lines of this step and those before it (they leave it what they made), the set-up, the machine, and what picks its programs. */
function environmentHash(steps: readonly Step[], { place, setup, environment }: ResultGround): string {
  const lines = steps.map(({ name, run, report }) => [name, run, report ?? ''])
  return digestOf(
    JSON.stringify([
      1,
      lines,
      setup ?? '',
      place,
      process.platform,
      process.arch,
      environment['PATH'] ?? '',
      environment['NODE_ENV'] ?? '',
    ]),
  )
}

/** Of many failures the names count more than all that was printed for them. */
function bounded(result: StepResult): string {
  const text = JSON.stringify(result)
  if (text.length <= MOST_BYTES || result.kind === 'passed') return text
  return JSON.stringify({ ...result, failures: result.failures.map((failure) => ({ ...failure, message: failure.message.slice(0, 400) })) })
}

const Frame = v.object({ path: v.string(), line: v.number() })
const Failed = v.object({ file: v.optional(v.string()), name: v.string(), message: v.string(), frames: v.array(Frame) })
const Cost = { durationMs: v.number(), tests: v.optional(v.number()) }
const Result = v.variant('kind', [
  v.object({ ...Cost, kind: v.literal('passed') }),
  v.object({
    ...Cost,
    kind: v.literal('failed'),
    failures: v.array(Failed),
    summary: v.string(),
    tail: v.string(),
    log: v.string(),
  }),
])
