import * as v from 'valibot'
import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { summarizeTool, toolStarted } from '../record/tool-summary.ts'

/**
 * Reads `hooks.jsonl` of a session that a person runs in their own terminal, from its first line. Hooks say less than the protocol:
 * a permission question is known to be answered only by what happens next, and nothing is known of tokens.
 */
export class HookParser {
  readonly #open = new Set<string>()
  #asked = 0
  #hasEnded = false

  parse(text: string): readonly SessionEvent[] {
    const parsed = v.safeParse(hookLine, readJson(text))
    if (!parsed.success) return []
    const { at, hook } = parsed.output
    const events = this.#events(hook, at)
    return events.length > 0 ? events : [{ type: 'alive', at }]
  }

  #events(hook: Hook, at: number): SessionEvent[] {
    switch (hook.hook_event_name) {
      case 'SessionStart':
        return [this.#start(hook, at)]
      case 'UserPromptSubmit':
        // Also of a session that was opened beside the one that ended. A tool's hook alone may only be late.
        return [...(this.#hasEnded ? [this.#start(hook, at)] : []), ...this.#settle(at), { type: 'turn-started', at }]
      case 'PostToolUse':
        return [...this.#settle(at), ...toolEvents(hook, at)]
      case 'PermissionRequest':
        return [this.#ask(hook, at)]
      case 'Stop':
        return [...this.#settle(at), ...stopEvents(hook, at)]
      case 'SessionEnd':
        // `/clear` ends the conversation and goes on in the same process.
        return hook.reason === 'clear' ? [] : this.#end(at)
      default:
        return []
    }
  }

  #start({ model }: Hook, at: number): SessionEvent {
    const isAgain = this.#hasEnded
    this.#hasEnded = false
    return { type: 'started', at, ...(model ? { model } : {}), ...(isAgain ? { isAgain } : {}) }
  }

  #end(at: number): SessionEvent[] {
    this.#hasEnded = true
    return [...this.#settle(at), { type: 'exited', at, exit: { kind: 'code', code: 0 } }]
  }

  #ask({ tool_name: tool, tool_input: input }: Hook, at: number): SessionEvent {
    const id = `terminal-${(this.#asked += 1)}`
    this.#open.add(id)
    return {
      type: 'permission-asked',
      at,
      request: { id, tool: tool ?? 'unknown', summary: summarizeTool(tool ?? 'unknown', input ?? {}), at },
    }
  }

  #settle(at: number): SessionEvent[] {
    const answered = [...this.#open].map((requestId): SessionEvent => ({ type: 'permission-answered', at, requestId }))
    this.#open.clear()
    return answered
  }
}

const text = v.fallback(v.nullish(v.string()), undefined)

const hookSchema = v.object({
  hook_event_name: v.string(),
  model: text,
  reason: text,
  tool_name: text,
  tool_use_id: text,
  tool_input: v.fallback(v.nullish(v.record(v.string(), v.unknown())), undefined),
  last_assistant_message: text,
  background_tasks: v.fallback(v.optional(v.array(v.object({ type: text }))), undefined),
})
type Hook = v.InferOutput<typeof hookSchema>

const hookLine = v.object({ at: v.number(), hook: hookSchema })

function readJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function toolEvents({ tool_name: tool, tool_use_id: toolUseId, tool_input: input }: Hook, at: number): SessionEvent[] {
  if (!tool || !toolUseId) return []
  return [toolStarted(toolUseId, tool, input ?? {}, at), { type: 'tool-ended', at, toolUseId, isError: false }]
}

function stopEvents({ background_tasks: tasks, last_assistant_message: said }: Hook, at: number): SessionEvent[] {
  const ended: SessionEvent = { type: 'turn-ended', at, outcome: { kind: 'completed', text: said ?? '' } }
  if (tasks === undefined) return [ended]
  return [{ type: 'subagents', at, running: tasks.filter((task) => !task.type?.includes('bash') && task.type !== 'shell').length }, ended]
}
