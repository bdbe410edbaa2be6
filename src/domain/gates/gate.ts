/** A rule of `orch.yaml`: where only a person decides. Exactly one of `paths`, `detects` and `overUsd` is given. */
export type GateRule = {
  readonly name: string
  /** Globs of changed files. */
  readonly paths?: readonly string[]
  /** What orch itself finds in a commit, or what a session escalates under that name. */
  readonly detects?: Detection
  /** The feature's or the task's cost so far, in US dollars. */
  readonly overUsd?: number
}

/** The first five are found in a commit; of the others only a session can say so (`orch escalate --kind security`). */
export const DETECTIONS = [
  'new-dependency',
  'secret',
  'licence',
  'deletion',
  'migration',
  'security',
  'architecture',
  'unclear-requirement',
] as const
export type Detection = (typeof DETECTIONS)[number]

/** A rule that one commit meets. */
export type GateFinding = {
  readonly gate: string
  /** One plain line for the person: what was found where. */
  readonly why: string
  /** The first of them. */
  readonly paths: readonly string[]
  /** Names what was found: a decision counts as long as this is the same, and no longer. Shows nothing of it. */
  readonly content: string
}
