import * as v from 'valibot'
import type { Json } from '../../ports/engine.ts'

/** One line of the journal. `v` is the form's version: a reader refuses a line of a form that it does not know. */
export type JournalEvent = v.InferOutput<typeof journalEventSchema>
export type RecordedFailure = v.InferOutput<typeof failureSchema>
export type EndedEvent = Extract<JournalEvent, { type: 'ended' }>
export type StepEvent = Extract<JournalEvent, { type: 'step' }>
export type MessageEvent = Extract<JournalEvent, { type: 'message' }>

/** Throws what valibot throws, or a SyntaxError. */
export function parseEvent(line: string): JournalEvent {
  return v.parse(journalEventSchema, JSON.parse(line))
}

export function renderEvent(event: JournalEvent): string {
  return `${JSON.stringify(event)}\n`
}

const json = v.custom<Json>(() => true) // it comes out of JSON.parse
const version = v.literal(1)
const at = v.number()

const failureSchema = v.object({
  code: v.string(),
  message: v.string(),
  facts: v.exactOptional(json),
  safe: v.exactOptional(v.string()),
  next: v.exactOptional(v.string()),
})

const endStatus = v.picklist(['done', 'failed', 'cancelled'])

const journalEventSchema = v.variant('type', [
  v.object({
    v: version,
    type: v.literal('start'),
    run: v.string(),
    name: v.string(),
    input: json,
    queue: v.exactOptional(v.string()),
    priority: v.exactOptional(v.number()),
    parent: v.exactOptional(v.string()),
    at,
  }),
  /** A queued run left its queue: after a crash it keeps its place before those that never began. */
  v.object({ v: version, type: v.literal('begin'), run: v.string(), at }),
  /** `took` is the key of the message that this step consumed. */
  v.object({
    v: version,
    type: v.literal('step'),
    run: v.string(),
    seq: v.number(),
    name: v.string(),
    output: v.exactOptional(json),
    failure: v.exactOptional(failureSchema),
    took: v.exactOptional(v.string()),
    at,
  }),
  /** A wait with a deadline was reached for the first time. */
  v.object({ v: version, type: v.literal('wait'), run: v.string(), seq: v.number(), until: v.number() }),
  v.object({ v: version, type: v.literal('message'), run: v.string(), topic: v.string(), body: json, key: v.string(), at }),
  v.object({
    v: version,
    type: v.literal('end'),
    run: v.string(),
    status: endStatus,
    output: v.exactOptional(json),
    failure: v.exactOptional(failureSchema),
    at,
  }),
  /** All that is kept of a run that ended, once the log was rewritten. */
  v.object({
    v: version,
    type: v.literal('ended'),
    run: v.string(),
    name: v.string(),
    input: json,
    parent: v.exactOptional(v.string()),
    status: endStatus,
    output: v.exactOptional(json),
    failure: v.exactOptional(failureSchema),
    startedAt: v.number(),
    endedAt: v.number(),
  }),
])
