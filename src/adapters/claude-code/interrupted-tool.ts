import type { SessionEvent } from '../../domain/sessions/session-event.ts'

export interface InterruptedTool {
  readonly tool: string
  /** One line: the command, the path. */
  readonly summary: string
}

/**
 * The calls that had begun and not ended when the process died: their effects are unknown. An old Claude Code drops them from the
 * conversation without a word, so whoever resumes it has to name them.
 */
export function interruptedTools(events: readonly SessionEvent[]): readonly InterruptedTool[] {
  const open = new Map<string, InterruptedTool>()
  const waiting = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'tool-started') open.set(event.toolUseId, { tool: event.tool, summary: event.summary })
    if (event.type === 'tool-ended') open.delete(event.toolUseId)
    if (event.type === 'turn-ended') open.clear()
    if (event.type === 'permission-asked') waiting.set(event.request.id, event.request.summary)
    if (event.type === 'permission-answered') waiting.delete(event.requestId)
  }
  // What was still waiting for its permission never ran.
  const unasked = new Set(waiting.values())
  return [...open.values()].filter((call) => !unasked.has(call.summary))
}

/** A line for the resume prompt; undefined when nothing was cut off. */
export function describeInterruption(tools: readonly InterruptedTool[]): string | undefined {
  if (tools.length === 0) return undefined
  const named = tools.map(({ tool, summary }) => (tool === 'Bash' ? `\`${summary}\`` : `${tool} of \`${summary}\``)).join(' and ')
  const verb = tools.length === 1 ? 'was' : 'were'
  return `${named} ${verb} running when the session was cut off: what of it was done is unknown. Check \`git status\` and the files before you run it again.`
}
