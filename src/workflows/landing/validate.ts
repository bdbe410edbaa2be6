import type { Sha } from '../../foundation/brand.ts'
import { stepsOf, type Step } from '../../domain/queue/step.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { CommandOutcome } from '../services.ts'

/** Bound to one commit. `isReal` is false when there was nothing to run. */
export type Verdict = {
  readonly commit: string
  readonly isPassed: boolean
  readonly isReal: boolean
  readonly summary: string
  readonly tail: string
  readonly exit: number | 'timeout' | 'stopped'
  /** A person ended it, so it says nothing. */
  readonly isStopped: boolean
  /** The command that failed, where the validation has several. */
  readonly line?: string
}

/** Runs the validation in the task's worktree at exactly this commit; a worktree that is elsewhere or dirty fails it. */
export async function validate(life: TaskLife, commit: string): Promise<Verdict> {
  await life.stage({ kind: 'validating', commit })
  const verdict = await runValidation(life, commit)
  const at = await life.run.step('verdict', () => life.services.now())
  if (!verdict.isStopped) life.judged(commit, verdict.isReal, verdict.summary)
  if (!verdict.isStopped) life.note({ verdict: { commit, isPassed: verdict.isPassed, summary: verdict.summary, at } })
  return verdict
}

async function runValidation(life: TaskLife, commit: string): Promise<Verdict> {
  const steps = stepsOf(life.input.settings.validate)
  if (steps.length === 0)
    return { commit, isPassed: true, isReal: false, summary: 'no validation is configured', tail: '', exit: 0, isStopped: false }
  return life.run.step('validate', async (signal) => {
    // Also when it runs again after a crash: what a killed validation left does not count.
    const objection = await objectionTo(life, commit)
    return objection === undefined
      ? runUnlessKnown(life, commit, steps, signal)
      : { commit, isPassed: false, isReal: true, summary: objection, tail: '', exit: 1, isStopped: false }
  })
}

/** Only passes are known: what fails may do so for what else lies in the worktree. */
async function runUnlessKnown(life: TaskLife, commit: string, steps: readonly Step[], signal: AbortSignal): Promise<Verdict> {
  const { input, services } = life
  const { project, repository, environment, settings } = input
  const tree = await (await services.repository(repository)).treeOf(commit as Sha)
  const pass = { project, tree, steps, setup: settings.setup, environment }
  if (await services.knownPasses.has(pass))
    return { commit, isPassed: true, isReal: true, summary: 'the same files passed before', tail: '', exit: 0, isStopped: false }
  const startedAt = services.now()
  const verdict = await runSteps(life, commit, steps, input.worktree, signal)
  if (verdict.isPassed) await services.knownPasses.note(pass, services.now() - startedAt)
  return verdict
}

/** The first that fails ends it. All write one log, in their order. */
async function runSteps(
  { input, services }: TaskLife,
  commit: string,
  steps: readonly Step[],
  cwd: string,
  signal: AbortSignal,
): Promise<Verdict> {
  const run = ({ run: line, timeoutMs = input.settings.validateTimeoutMs }: Step): Promise<CommandOutcome> =>
    services.commands.run({ input, name: 'validate', line, cwd, timeoutMs, signal })
  const summaries: string[] = []
  for (const step of steps) {
    const outcome = await run(step)
    const verdict = toVerdict(commit, outcome)
    if (steps.length === 1) return verdict
    if (!outcome.isPassed) return { ...verdict, line: step.run, summary: `${step.name}: ${outcome.summary}` }
    summaries.push(step.name)
  }
  return { commit, isPassed: true, isReal: true, summary: `${summaries.join(', ')} passed`, tail: '', exit: 0, isStopped: false }
}

function toVerdict(commit: string, { isPassed, summary, tail, exit }: CommandOutcome): Verdict {
  return { commit, isPassed, isReal: true, summary, tail, exit, isStopped: exit === 'stopped' }
}

async function objectionTo({ input, services }: TaskLife, commit: string): Promise<string | undefined> {
  const path = input.worktree
  const before = await (await services.repository(input.repository)).inspectWorktree(path)
  if (before.head !== commit) return `${path} is at ${before.head.slice(0, 10)}, not at ${commit.slice(0, 10)}`
  return before.uncommitted.length > 0 ? `uncommitted: ${before.uncommitted.slice(0, 5).join(', ')}` : undefined
}
