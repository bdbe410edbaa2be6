import { resolve } from 'node:path'
import * as v from 'valibot'
import type { EditAttempt, EditHook, EditRuling } from '../../ports/agent.ts'

/** Claude Code's hook `PreToolUse`, as JSON over HTTP. */
export const editHook: EditHook = { read, answer }

const bodySchema = v.object({
  hook_event_name: v.literal('PreToolUse'),
  cwd: v.string(),
  tool_use_id: v.optional(v.string()),
  tool_input: v.object({ file_path: v.optional(v.string()), notebook_path: v.optional(v.string()) }),
})

function read(body: unknown): EditAttempt | undefined {
  const parsed = v.safeParse(bodySchema, body)
  if (!parsed.success) return undefined
  const { cwd, tool_use_id: toolUseId, tool_input: input } = parsed.output
  const path = input.file_path ?? input.notebook_path
  if (path === undefined) return undefined
  return { path: resolve(cwd, path), ...(toolUseId !== undefined && { toolUseId }) }
}

/** To allow is to say nothing: `allow` would overrule the session's own permissions. */
function answer(ruling: EditRuling): { readonly [key: string]: unknown } {
  const hookEventName = 'PreToolUse'
  if (ruling.kind !== 'allow')
    return { hookSpecificOutput: { hookEventName, permissionDecision: ruling.kind, permissionDecisionReason: ruling.reason } }
  return ruling.remark === undefined ? {} : { hookSpecificOutput: { hookEventName, additionalContext: ruling.remark } }
}
