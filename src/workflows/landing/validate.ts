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
  /** The set-up command failed where the validation was to run, so that never began. */
  readonly isSetup?: boolean
  /** The command that failed, where the validation has several. */
  readonly line?: string
}

export type Validation = TaskLife['input']['settings']['validate']

/** Runs the validation in the task's worktree at exactly this commit; a worktree that is elsewhere or dirty fails it. */
export async function validate(life: TaskLife, commit: string, validation: Validation = life.input.settings.validate): Promise<Verdict> {
  await life.stage({ kind: 'validating', commit, place: 'worktree' })
  const verdict = await runValidation(life, commit, validation, () => inspect(life, commit))
  const at = await life.run.step('verdict', () => life.services.now())
  if (!verdict.isStopped) life.note({ verdict: { commit, isPassed: verdict.isPassed, summary: verdict.summary, at } })
  return verdict
}

/** A folder that is at the commit and ready, or why it is not. */
type Ground = { readonly path: string } | { readonly objection: string } | { readonly setup: CommandOutcome }

/** `prepare` runs again with the command when a crash came between: what a killed validation left does not count. */
export async function runValidation(
  life: TaskLife,
  commit: string,
  validation: Validation,
  prepare: (signal: AbortSignal) => Promise<Ground>,
): Promise<Verdict> {
  const steps = stepsOf(validation)
  if (steps.length === 0)
    return { commit, isPassed: true, isReal: false, summary: 'no validation is configured', tail: '', exit: 0, isStopped: false }
  return life.run.step('validate', async (signal) => {
    const ground = await prepare(signal)
    if ('objection' in ground) return refused(ground.objection)
    if ('setup' in ground)
      return {
        ...toVerdict(commit, ground.setup),
        summary: `the setup command failed in the merged tree: ${ground.setup.summary}`,
        isSetup: true,
      }
    return runSteps(life, commit, steps, ground.path, signal)
  })

  function refused(summary: string): Verdict {
    return { commit, isPassed: false, isReal: true, summary, tail: '', exit: 1, isStopped: false }
  }
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

async function inspect({ input, services }: TaskLife, commit: string): Promise<Ground> {
  const path = input.worktree
  const before = await (await services.repository(input.repository)).inspectWorktree(path)
  if (before.head !== commit) return { objection: `${path} is at ${before.head.slice(0, 10)}, not at ${commit.slice(0, 10)}` }
  return before.uncommitted.length > 0 ? { objection: `uncommitted: ${before.uncommitted.slice(0, 5).join(', ')}` } : { path }
}
