import type {
  WrittenFailure,
  WrittenLimit,
  WrittenScript,
  WrittenStep,
  WrittenTool,
  WrittenUsage,
  WrittenVerdict,
} from './script/script-schema.ts'

/** One answer of the scripted model: texts, then tool calls; without a call it ends the turn. */
export interface Reply {
  readonly texts: readonly string[]
  readonly calls: readonly ToolCall[]
  readonly delayMs: number
  /** Come before the answer, in this order; each is counted per session. */
  readonly obstacles: readonly Obstacle[]
  readonly usage: WrittenUsage
}

export interface ToolCall {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

export type Obstacle =
  | { readonly kind: 'failure'; readonly failure: WrittenFailure }
  | { readonly kind: 'limit'; readonly limit: WrittenLimit }

export interface Match {
  readonly task?: string | undefined
  readonly prompt?: string | undefined
  /** A session that reviews the work of this task, `by` this department. */
  readonly review?: string | undefined
  readonly by?: string | undefined
}

export interface SessionPlan {
  readonly match: Match
  readonly replies: readonly Reply[]
  readonly turns: readonly { readonly when: string; readonly replies: readonly Reply[] }[]
}

export function planSession(session: WrittenScript['sessions'][number], scriptDelayMs: number): SessionPlan {
  const delay = session['model-delay'] ?? scriptDelayMs
  return {
    match: session.match,
    replies: planSteps(session.steps, delay),
    turns: session.turns.map((turn) => ({ when: turn.when, replies: planSteps(turn.steps, delay) })),
  }
}

/** Steps that only say, wait or fail belong to the next step that acts; at the list's end they make an answer of their own. */
export function planSteps(steps: readonly WrittenStep[], delayMs: number): Reply[] {
  const replies: Reply[] = []
  let waiting: WrittenStep[] = []
  for (const step of steps) {
    waiting.push(step)
    if (!acts(step)) continue
    replies.push(toReply(waiting, delayMs))
    waiting = []
  }
  if (waiting.length > 0) replies.push(toReply(waiting, delayMs))
  return replies
}

/** `{{task}}` in every text and tool input becomes the task's id, `{{message}}` the id of the last message from the board. */
export function fillIn(reply: Reply, { task, message }: { readonly task: string; readonly message: string }): Reply {
  const fill = (text: string) => text.replaceAll('{{task}}', task).replaceAll('{{message}}', message)
  const fillValue = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value)
    if (Array.isArray(value)) return value.map(fillValue)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillValue(one)]))
    return value
  }
  return {
    ...reply,
    texts: reply.texts.map(fill),
    calls: reply.calls.map((call) => ({ name: call.name, input: fillValue(call.input) as Record<string, unknown> })),
  }
}

function acts(step: WrittenStep): boolean {
  return [step.bash, step.write, step.edit, step.read, step.tool, step.tools, step.ask, step.end, step.verdict].some(
    (value) => value !== undefined,
  )
}

function toReply(steps: readonly WrittenStep[], defaultDelayMs: number): Reply {
  const delays = steps.flatMap((step) => (step.delay === undefined ? [] : [step.delay]))
  return {
    texts: steps.flatMap((step) => [step.text, step.end]).filter((text) => text !== undefined && text !== '') as string[],
    calls: steps.flatMap(toCalls),
    delayMs: delays.length === 0 ? defaultDelayMs : delays.reduce((sum, one) => sum + one, 0),
    obstacles: steps.flatMap(toObstacles),
    usage: Object.assign({}, ...steps.map((step) => step.usage ?? {})) as WrittenUsage,
  }
}

function toCalls(step: WrittenStep): ToolCall[] {
  const asked = step.ask === undefined ? [] : typeof step.ask === 'string' ? [{ bash: step.ask }] : [step.ask]
  return [
    ...toolCalls(step),
    ...(step.tools ?? []).flatMap(toolCalls),
    ...asked.flatMap(toolCalls),
    ...(step.verdict === undefined ? [] : [verdictCall(step.verdict)]),
  ]
}

/** As Claude Code calls the tool that takes an answer in a given shape. */
function verdictCall(verdict: WrittenVerdict): ToolCall {
  const answer = verdict === 'approve' ? { outcome: 'approve', summary: 'Rehearsed.', findings: [] } : { outcome: 'findings', ...verdict }
  return { name: 'StructuredOutput', input: answer }
}

function toolCalls(tool: WrittenTool): ToolCall[] {
  if (tool.bash !== undefined) return [{ name: 'Bash', input: { command: tool.bash, description: firstLine(tool.bash) } }]
  if (tool.write !== undefined) return [{ name: 'Write', input: { file_path: tool.write, content: tool.content ?? '' } }]
  if (tool.read !== undefined) return [{ name: 'Read', input: { file_path: tool.read } }]
  if (tool.tool !== undefined) return [{ name: tool.tool.name, input: tool.tool.input }]
  // Claude Code refuses to edit a file that the conversation has not read; both calls fit into one answer.
  if (tool.edit !== undefined) {
    return [
      { name: 'Read', input: { file_path: tool.edit } },
      { name: 'Edit', input: { file_path: tool.edit, old_string: tool.from ?? '', new_string: tool.to ?? '' } },
    ]
  }
  return []
}

function toObstacles(step: WrittenStep): Obstacle[] {
  const found: Obstacle[] = []
  if (step.fail !== undefined) found.push({ kind: 'failure', failure: step.fail })
  if (step.limit !== undefined) found.push({ kind: 'limit', limit: step.limit })
  return found
}

function firstLine(command: string): string {
  return (command.split('\n', 1)[0] ?? '').slice(0, 60)
}
