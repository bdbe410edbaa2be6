import * as v from 'valibot'
import type { Json } from '../../../foundation/json.ts'

/**
 * The lines of Claude Code's stdout, as far as they are used. Every other field and every other kind of line is let pass:
 * both supported versions print much more, and newer ones will print other things.
 */
export type OutputLine = v.InferOutput<typeof outputLine>
export type ResultLine = v.InferOutput<typeof resultLine>
export type AssistantLine = v.InferOutput<typeof assistantLine>
export type UserLine = v.InferOutput<typeof userLine>
export type SystemLine = v.InferOutput<typeof systemLine>
export type ControlRequestLine = v.InferOutput<typeof controlRequest>
export type ModelUsage = v.InferOutput<typeof modelUsage>

/** Undefined for anything that is no line of ours: not JSON, no object, or a known kind in an unknown shape. */
export function readOutputLine(text: string): OutputLine | undefined {
  const parsed = v.safeParse(outputLine, readJson(text))
  return parsed.success ? parsed.output : undefined
}

export function isJsonObject(text: string): boolean {
  const value = readJson(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const count = v.optional(v.number(), 0)
const text = v.fallback(v.nullish(v.string()), undefined)
const number = v.fallback(v.nullish(v.number()), undefined)

const toolInput = v.record(v.string(), v.unknown())

const content = v.variant('type', [
  v.object({ type: v.literal('text'), text: v.string() }),
  v.object({ type: v.literal('tool_use'), id: v.string(), name: v.string(), input: v.fallback(toolInput, {}) }),
  v.object({ type: v.literal('tool_result'), tool_use_id: v.string(), is_error: v.fallback(v.nullish(v.boolean()), false) }),
])
const blocks = v.array(v.fallback(v.nullable(content), null))

const assistantLine = v.object({
  type: v.literal('assistant'),
  parent_tool_use_id: text,
  error: text,
  message: v.object({
    id: v.string(),
    model: v.string(),
    content: blocks,
    usage: v.optional(
      v.object({ input_tokens: count, output_tokens: count, cache_read_input_tokens: count, cache_creation_input_tokens: count }),
    ),
  }),
})

const userLine = v.object({
  type: v.literal('user'),
  uuid: text,
  isReplay: v.optional(v.boolean()),
  message: v.object({ content: v.union([v.string(), blocks]) }),
  tool_use_result: v.fallback(v.optional(v.object({ status: text })), undefined),
})

const modelUsage = v.record(
  v.string(),
  v.object({ inputTokens: count, outputTokens: count, cacheReadInputTokens: count, cacheCreationInputTokens: count }),
)

const resultLine = v.object({
  type: v.literal('result'),
  is_error: v.boolean(),
  result: text,
  stop_reason: text,
  structured_output: v.optional(v.custom<Json>((value) => value !== undefined)),
  terminal_reason: text,
  api_error_status: number,
  modelUsage: v.fallback(v.optional(modelUsage), undefined),
  model_usage_since_last_result: v.fallback(v.optional(modelUsage), undefined),
})

const systemLine = v.variant('subtype', [
  v.object({ type: v.literal('system'), subtype: v.literal('init'), model: text, claude_code_version: text }),
  v.object({
    type: v.literal('system'),
    subtype: v.literal('api_retry'),
    attempt: v.number(),
    retry_delay_ms: v.number(),
    error_status: number,
    error: text,
  }),
  v.object({
    type: v.literal('system'),
    subtype: v.literal('background_tasks_changed'),
    tasks: v.array(v.object({ task_id: v.string(), task_type: text })),
  }),
  v.object({ type: v.literal('system'), subtype: v.literal('task_started'), task_id: v.string(), task_type: text, tool_use_id: text }),
  v.object({ type: v.literal('system'), subtype: v.literal('task_notification'), task_id: v.string() }),
])

const controlRequest = v.object({
  type: v.literal('control_request'),
  request_id: v.string(),
  request: v.object({ subtype: v.literal('can_use_tool'), tool_name: v.string(), input: toolInput }),
})

const outputLine = v.union([
  assistantLine,
  userLine,
  resultLine,
  systemLine,
  controlRequest,
  v.object({ type: v.literal('control_cancel_request'), request_id: v.string() }),
  v.object({ type: v.literal('control_response'), response: v.object({ request_id: v.string() }) }),
  v.object({ type: v.literal('command_lifecycle'), command_uuid: v.string(), state: v.string() }),
  v.object({
    type: v.literal('rate_limit_event'),
    rate_limit_info: v.object({ status: v.string(), resetsAt: number }),
  }),
])
