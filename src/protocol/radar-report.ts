import * as v from 'valibot'

const party = v.variant('kind', [
  v.object({ kind: v.literal('task'), handle: v.string() }),
  v.object({ kind: v.literal('target'), branch: v.string() }),
])
const side = { head: v.string(), work: v.picklist(['committed', 'uncommitted']) }

const Overlap = v.object({
  one: v.object({ ...side, party: v.object({ kind: v.literal('task'), handle: v.string() }) }),
  other: v.object({ ...side, party }),
  files: v.array(
    v.object({
      path: v.string(),
      kind: v.string(),
      hunks: v.array(v.object({ line: v.number(), one: v.string(), other: v.string() })),
    }),
  ),
  fileCount: v.number(),
  /** Milliseconds since the epoch: first seen, last seen. */
  since: v.number(),
  seenAt: v.number(),
  survived: v.number(),
})

/** What `projects/<project>/radar.json` holds, and what `orch radar --json` prints of each project. Most urgent first. */
export const RadarReport = v.object({
  schema: v.literal(1),
  /** When it was last looked, in milliseconds since the epoch. */
  at: v.number(),
  project: v.string(),
  /** Absolute path of the main worktree. */
  repository: v.string(),
  /** False where the option `radar` is `off`. */
  isOn: v.boolean(),
  /** Handles of the tasks whose worktrees were seen; `isPartial` where a worktree holds more than is looked at. */
  tasks: v.array(v.object({ handle: v.string(), isPartial: v.boolean() })),
  overlaps: v.array(Overlap),
})
export type RadarReport = v.InferOutput<typeof RadarReport>

export interface RadarResponse {
  readonly reports: readonly RadarReport[]
}
