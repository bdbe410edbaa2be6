/** One named part of a validation. Steps run in their order; the first that fails ends the run. */
export type Step = {
  readonly name: string
  /** The user's own command line, run by `/bin/sh -c`. */
  readonly run: string
  readonly timeoutMs?: number
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

/** Settings of older tasks hold one line. */
export function stepsOf(validate: string | readonly Step[] | undefined): readonly Step[] {
  if (validate === undefined) return []
  return typeof validate === 'string' ? [{ name: 'validate', run: validate }] : validate
}
