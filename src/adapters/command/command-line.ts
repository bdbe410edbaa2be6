import * as v from 'valibot'
import type { Json } from '../../foundation/json.ts'
import type { ModelFailure } from '../../domain/sessions/session-event.ts'

/**
 * What a program may print to be understood better than by its text, one JSON object a line. Everything else it prints is text.
 * `begin` is printed for it when it is started with its first message. Times are milliseconds since the epoch.
 */
export type CommandLine = v.InferOutput<typeof commandLine>

/** undefined for a line that is not of this protocol. */
export function parseCommandLine(line: string): CommandLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed = v.safeParse(commandLine, JSON.parse(line))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

/** What a program reads on its standard input, one JSON object a line. It ignores types it does not know, and a message whose id it has seen. */
export type CommandInput =
  | { readonly type: 'begin'; readonly id: string }
  | { readonly type: 'message'; readonly id: string; readonly text: string; readonly when: 'steer' | 'next-turn' }
  | {
      readonly type: 'permission-answer'
      readonly id: string
      readonly decision: 'allow' | 'deny' | 'answer'
      readonly reason?: string
      /** One to each question that it asked. */
      readonly answers?: readonly string[]
    }
  | { readonly type: 'interrupt' }

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const causes = [
  'rate-limit',
  'overloaded',
  'server',
  'authentication',
  'billing',
  'connection',
  'prompt-too-long',
  'model-not-found',
  'unknown',
] as const satisfies readonly ModelFailure[]
const outcome = v.variant('kind', [
  v.object({ kind: v.literal('completed'), text: v.optional(v.string()) }),
  v.object({ kind: v.literal('interrupted') }),
  v.object({ kind: v.literal('usage-limit'), resetsAt: v.optional(v.number()) }),
  v.object({ kind: v.literal('budget-exhausted') }),
  v.object({ kind: v.literal('too-many-turns') }),
  v.object({ kind: v.literal('model-failed'), cause: v.picklist(causes), message: v.string() }),
])

const question = v.object({
  text: v.string(),
  options: v.optional(v.array(v.object({ label: v.string() })), []),
  isMultiple: v.optional(v.boolean(), false),
})

const commandLine = v.variant('type', [
  v.object({ type: v.literal('begin'), id: v.string() }),
  v.object({ type: v.literal('received'), id: v.string() }),
  v.object({ type: v.literal('turn-started') }),
  v.object({ type: v.literal('text'), text: v.string() }),
  v.object({ type: v.literal('tool-started'), id: v.string(), tool: v.string(), summary: v.optional(v.string(), '') }),
  v.object({ type: v.literal('tool-ended'), id: v.string(), isError: v.optional(v.boolean(), false) }),
  v.object({
    type: v.literal('permission-asked'),
    id: v.string(),
    tool: v.string(),
    summary: v.optional(v.string(), ''),
    questions: v.optional(v.pipe(v.array(question), v.minLength(1), v.maxLength(20))),
  }),
  v.object({ type: v.literal('permission-answered'), id: v.string() }),
  v.object({
    type: v.literal('usage'),
    id: v.string(),
    model: v.optional(v.string(), 'unknown'),
    inputTokens: v.optional(count, 0),
    outputTokens: v.optional(count, 0),
    cacheReadTokens: v.optional(count, 0),
    cacheCreationTokens: v.optional(count, 0),
  }),
  v.object({ type: v.literal('retrying'), cause: v.picklist(causes), attempt: count, delayMs: count }),
  v.object({ type: v.literal('limit'), resetsAt: v.number() }),
  v.object({ type: v.literal('turn-ended'), outcome: v.optional(outcome, { kind: 'completed' }) }),
  /** The answer in the shape of ORCH_OUTPUT_SCHEMA; the last one of a turn counts. */
  v.object({ type: v.literal('output'), output: v.custom<Json>((value) => value !== undefined) }),
  v.object({ type: v.literal('alive') }),
])
