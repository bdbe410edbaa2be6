/** One named part of a validation. Steps run in their order; the first that fails ends the run. */
export type Step = {
  readonly name: string
  /** The user's own command line, run by `/bin/sh -c`. */
  readonly run: string
  readonly timeoutMs?: number
  /** Names of earlier steps that it builds on, where it is run without the others to find a culprit; unless given, all before it. */
  readonly needs?: readonly string[]
  /** Which runner writes its report; unless given, what the line itself says (`detect`). */
  readonly report?: ReportChoice
}

export const RUNNERS = ['node-test', 'vitest', 'jest', 'mocha', 'pytest', 'go-test', 'cargo-test'] as const
export type Runner = (typeof RUNNERS)[number]

/** A runner that orch knows; a file that the line writes itself (relative to the worktree); TAP on its output; or nothing to be read. */
export type ReportChoice = Runner | 'tap' | 'none' | { readonly junit: string }

/** As one shell line, for people and agents to run themselves; undefined when nothing is checked. */
export function commandLine(validate: string | readonly Step[] | undefined): string | undefined {
  const steps = stepsOf(validate)
  return steps.length === 0 ? undefined : steps.map(({ run }) => run).join(' && ')
}

/** The steps that must have run for this one, in their order, itself the last. */
export function stepsFor(steps: readonly Step[], name: string): readonly Step[] {
  const last = steps.findIndex((step) => step.name === name)
  const needed = new Set([name])
  for (let at = last; at >= 0; at -= 1) {
    const step = steps[at]
    if (step === undefined || !needed.has(step.name)) continue
    for (const other of step.needs ?? steps.slice(0, at).map((earlier) => earlier.name)) needed.add(other)
  }
  return steps.slice(0, last + 1).filter((step) => needed.has(step.name))
}

/** Settings of older tasks hold one line. */
export function stepsOf(validate: string | readonly Step[] | undefined): readonly Step[] {
  if (validate === undefined) return []
  return typeof validate === 'string' ? [{ name: 'validate', run: validate }] : validate
}
