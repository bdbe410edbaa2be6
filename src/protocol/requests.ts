import * as v from 'valibot'
import { MOST_ATTEMPTS } from '../domain/attempts/contest-facts.ts'

/** Bodies that clients send to the daemon. Parsed there by these schemas; clients use only the types. */

const line = v.pipe(v.string(), v.maxLength(10_000))
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096))
const environment = v.record(v.string(), v.string())
const names = v.pipe(v.array(line), v.maxLength(5000))

/** Sessions side by side on each task. */
const attempts = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_ATTEMPTS)))

export const RunRequest = v.strictObject({
  /** Where the caller stands: any folder of the repository. */
  cwd: path,
  /** Absolute path of the backlog; the configured one when absent. */
  backlog: v.optional(path),
  /** Only these tasks and what they need; all pending ones when empty. */
  only: v.optional(names),
  max: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500))),
  land: v.optional(v.picklist(['auto', 'review'])),
  attempts,
  /** From this score on the best attempt is taken without asking. */
  accept: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** The caller's whole environment: what the agents get. */
  environment,
  isDryRun: v.optional(v.boolean()),
})
export type RunRequest = v.InferOutput<typeof RunRequest>

export const SpawnRequest = v.strictObject({
  cwd: path,
  kind: v.picklist(['spawned', 'quick', 'manual']),
  /** Task name; made from the prompt or the time for quick ones. */
  name: v.optional(line),
  prompt: v.optional(v.pipe(v.string(), v.maxLength(1_000_000))),
  base: v.optional(line),
  model: v.optional(line),
  budgetUsd: v.optional(v.number()),
  validate: v.optional(line),
  attempts,
  /** Of a manual one: the conversation that works there already. */
  conversation: v.optional(v.pipe(v.string(), v.uuid())),
  environment,
  /** Asked twice with the same id, the session is started once. */
  id: v.optional(v.pipe(v.string(), v.uuid())),
  isDryRun: v.optional(v.boolean()),
})
export type SpawnRequest = v.InferOutput<typeof SpawnRequest>

export const FeatureRequest = v.strictObject({
  cwd: path,
  /** What is wanted; may end in `with departments: a, b`. */
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000_000)),
  /** Made from the text when absent. */
  name: v.optional(line),
  /** Those of the text, else of the configuration, when absent. */
  departments: v.optional(names),
  /** Phases that this feature has not, whatever is configured. */
  without: v.optional(v.array(v.picklist(['foundation', 'discovery', 'reviews', 'integration']))),
  base: v.optional(line),
  land: v.optional(v.picklist(['auto', 'review'])),
  model: v.optional(line),
  /** For all departments together. */
  budgetUsd: v.optional(v.number()),
  validate: v.optional(line),
  environment,
  /** Asked twice with the same id, the feature is started once. */
  id: v.optional(v.pipe(v.string(), v.uuid())),
  isDryRun: v.optional(v.boolean()),
})
export type FeatureRequest = v.InferOutput<typeof FeatureRequest>

/** `name` is what the person typed: handle, task, branch, worktree path, `-`; empty means the worktree of `cwd`. */
export const TaskRequest = v.strictObject({ cwd: path, name: v.optional(line), isDryRun: v.optional(v.boolean()) })
export const ResumeRequest = v.strictObject({
  ...TaskRequest.entries,
  /** The caller's: what the agent gets from now on. */ environment: v.optional(environment),
})
export type ResumeRequest = v.InferOutput<typeof ResumeRequest>
export type TaskRequest = v.InferOutput<typeof TaskRequest>

export const StopRequest = v.strictObject({
  ...TaskRequest.entries,
  /** Answered when the word is kept, not when the process has ended. */ isDetached: v.optional(v.boolean()),
})
export type StopRequest = v.InferOutput<typeof StopRequest>

/** Asked with the same id until it is `ready`. */
export const AttachRequest = v.strictObject({
  ...TaskRequest.entries,
  id: v.pipe(v.string(), v.uuid()),
  /** Who will have the terminal. */
  client: v.pipe(
    v.strictObject({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)), startTime: line, bootId: line, terminal: v.exactOptional(line) }),
    v.readonly(),
  ),
  /** Ends the running turn instead of waiting for it. */
  isNow: v.optional(v.boolean()),
  /** It has been asked before under this id, and waits. */
  isAgain: v.optional(v.boolean()),
})
export type AttachRequest = v.InferOutput<typeof AttachRequest>

export const SendRequest = v.strictObject({
  cwd: path,
  name: v.optional(line),
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000_000)),
  when: v.optional(v.picklist(['steer', 'next-turn'])),
  /** Message id; the daemon makes one when absent. Sent twice with the same id it arrives once. */
  id: v.optional(v.pipe(v.string(), v.uuid())),
  isDryRun: v.optional(v.boolean()),
})
export type SendRequest = v.InferOutput<typeof SendRequest>

export const AnswerRequest = v.strictObject({
  requestId: line,
  decision: v.variant('kind', [
    v.strictObject({ kind: v.literal('allow') }),
    v.strictObject({ kind: v.literal('deny'), reason: line }),
    /** To a request with questions: one to each, by its number, an option's label, or free text. */
    v.strictObject({ kind: v.literal('answer'), answers: v.pipe(v.array(line), v.minLength(1), v.maxLength(20), v.readonly()) }),
  ]),
})
export type AnswerRequest = v.InferOutput<typeof AnswerRequest>

/** The person's word to a message on the board: a decision, or an answer in words. */
export const DecideRequest = v.strictObject({
  project: line,
  /** `m12`. */
  message: v.pipe(v.string(), v.regex(/^m[1-9]\d{0,8}$/)),
  decision: v.optional(v.picklist(['approve', 'deny'])),
  text: v.pipe(v.string(), v.maxLength(1_000_000)),
  /** Sent twice with the same id it is one answer. */
  id: v.pipe(v.string(), v.uuid()),
})
export type DecideRequest = v.InferOutput<typeof DecideRequest>

export const MergeRequest = v.strictObject({
  cwd: path,
  /** Empty with `isAll`: everything in Review. */
  names,
  isAll: v.optional(v.boolean()),
  /** Of the one named task: this attempt, not the proposed one. */
  attempt: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  validate: v.optional(line),
  environment,
  isDryRun: v.optional(v.boolean()),
})
export type MergeRequest = v.InferOutput<typeof MergeRequest>

export const UndoRequest = v.strictObject({
  cwd: path,
  /** Task, handle or branch; the last landing when absent. */
  name: v.optional(line),
  /** Also when the last landing brought more than one entry. */
  isWhole: v.optional(v.boolean()),
  environment,
  isDryRun: v.optional(v.boolean()),
})
export type UndoRequest = v.InferOutput<typeof UndoRequest>

export const QueueRequest = v.strictObject({
  cwd: path,
  action: v.picklist(['pause', 'resume', 'remove', 'prioritise']),
  /** For `remove` and `prioritise`. */
  names: v.optional(names),
  /** Higher goes first; 0 is where everything begins. */
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-100), v.maxValue(100))),
  isDryRun: v.optional(v.boolean()),
})
export type QueueRequest = v.InferOutput<typeof QueueRequest>
/** A fresh look at all worktrees of the repository of `cwd`, or of every project. */
export const RadarRequest = v.strictObject({ cwd: path, isAll: v.optional(v.boolean()) })
export type RadarRequest = v.InferOutput<typeof RadarRequest>
export const TestAllRequest = v.strictObject({ cwd: path, names, environment, isDryRun: v.optional(v.boolean()) })
export type TestAllRequest = v.InferOutput<typeof TestAllRequest>

export const CleanupRequest = v.strictObject({
  cwd: path,
  /** Empty: every merged task of the repository. */
  names,
  isAll: v.optional(v.boolean()),
  /** Why unmerged work is given up; without it unmerged work is refused. */
  abandonReason: v.optional(v.pipe(line, v.minLength(1))),
  isRemote: v.optional(v.boolean()),
  isDryRun: v.optional(v.boolean()),
})
export type CleanupRequest = v.InferOutput<typeof CleanupRequest>
