import type { SessionEvent, TurnOutcome } from '../../../domain/sessions/session-event.ts'
import { assertNever } from '../../../foundation/invariant.ts'
import { isJsonObject, readOutputLine, type AssistantLine, type ResultLine, type SystemLine, type UserLine } from './protocol.ts'
import { OpenSubagents } from './open-subagents.ts'
import { permissionRequest } from './permission-request.ts'
import { toolStarted } from './tool-summary.ts'
import { classifyFailure, judgeTurn } from './turn-outcome.ts'
import { UsageTotals } from './usage-totals.ts'

/**
 * Reads one process's stdout from its first line: the same lines give the same events, so a restart that replays the file knows
 * what the process before it knew. A line that is not understood says at least that the agent is alive.
 */
export class RecordParser {
  /** The original input of every tool call that was asked about: an answer has to repeat it. */
  readonly inputs = new Map<string, Readonly<Record<string, unknown>>>()
  readonly #subagents = new OpenSubagents()
  readonly #totals = new UsageTotals()
  readonly #received = new Set<string>()
  #hasStarted = false
  #error: string | undefined
  #limit: { resetsAt: number | undefined } | undefined
  #refused: TurnOutcome | undefined

  /** The model refused the login and Claude Code still retries: the turn is over for us, and ought to be interrupted. */
  get isRefused(): boolean {
    return this.#refused !== undefined
  }

  parse(text: string, at: number): readonly SessionEvent[] {
    const events = this.#events(text, at)
    return events.length > 0 || !isJsonObject(text) ? events : [{ type: 'alive', at }]
  }

  #events(text: string, at: number): SessionEvent[] {
    const line = readOutputLine(text)
    switch (line?.type) {
      case undefined:
        return []
      case 'system':
        return this.#system(line, at)
      case 'assistant':
        return this.#assistant(line, at)
      case 'user':
        return this.#user(line, at)
      case 'result':
        return this.#result(line, at)
      case 'control_request': {
        this.inputs.set(line.request_id, line.request.input)
        return [{ type: 'permission-asked', at, request: permissionRequest(line, at) }]
      }
      case 'control_cancel_request':
        return this.#answered(line.request_id, at)
      case 'control_response':
        return this.#answered(line.response.request_id, at)
      case 'command_lifecycle':
        return line.state === 'started' ? this.#receive(line.command_uuid, at) : []
      case 'rate_limit_event':
        return this.#rateLimit(line.rate_limit_info, at)
      default:
        return assertNever(line)
    }
  }

  #system(line: SystemLine, at: number): SessionEvent[] {
    switch (line.subtype) {
      case 'init':
        return this.#init(line, at)
      case 'api_retry':
        return this.#retry(line, at)
      case 'background_tasks_changed':
        return this.#subagents.replace(line.tasks, at)
      case 'task_started':
        return this.#subagents.begin(line, at)
      case 'task_notification':
        return this.#subagents.end(line.task_id, at)
      default:
        return assertNever(line)
    }
  }

  // It is printed again at the beginning of every turn.
  #init(line: Extract<SystemLine, { subtype: 'init' }>, at: number): SessionEvent[] {
    this.#error = this.#limit = undefined
    const turn: SessionEvent = { type: 'turn-started', at }
    if (this.#hasStarted) return [turn]
    this.#hasStarted = true
    const { claude_code_version: agentVersion, model } = line
    return [{ type: 'started', at, ...(agentVersion ? { agentVersion } : {}), ...(model ? { model } : {}) }, turn]
  }

  #retry(line: Extract<SystemLine, { subtype: 'api_retry' }>, at: number): SessionEvent[] {
    const cause = classifyFailure(line.error_status, line.error ?? 'unknown')
    const retrying: SessionEvent = { type: 'retrying', at, cause, attempt: line.attempt, delayMs: line.retry_delay_ms }
    if (cause !== 'authentication') return [retrying]
    if (this.#refused !== undefined) return []
    // Claude Code would try a wrong key for three minutes. Nothing but the person can change the answer.
    this.#refused = { kind: 'model-failed', cause, message: `the model refused the login (${line.error_status ?? 'no status'})` }
    return [retrying, { type: 'turn-ended', at, outcome: this.#refused }]
  }

  #assistant({ message, error, parent_tool_use_id: parent }: AssistantLine, at: number): SessionEvent[] {
    if (message.model === '<synthetic>') {
      this.#error = error ?? this.#error
      return []
    }
    const events: SessionEvent[] = message.content.flatMap((block): SessionEvent[] => {
      if (block?.type === 'tool_use') {
        return [toolStarted(block.id, block.name, block.input, at)]
      }
      // What subagents say to themselves is not what the session says.
      return block?.type === 'text' && block.text !== '' && !parent ? [{ type: 'text', at, text: block.text }] : []
    })
    if (message.usage === undefined) return events
    const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = message.usage
    const usage = {
      inputTokens: input_tokens,
      outputTokens: output_tokens,
      cacheReadTokens: cache_read_input_tokens,
      cacheCreationTokens: cache_creation_input_tokens,
    }
    return [...events, { type: 'usage', at, messageId: message.id, model: message.model, usage }]
  }

  #user(line: UserLine, at: number): SessionEvent[] {
    if (line.isReplay) return line.uuid ? this.#receive(line.uuid, at) : []
    if (typeof line.message.content === 'string') return []
    return line.message.content.flatMap((block): SessionEvent[] => {
      if (block?.type !== 'tool_result') return []
      const wentToBackground = line.tool_use_result?.status === 'async_launched'
      const ended: SessionEvent = { type: 'tool-ended', at, toolUseId: block.tool_use_id, isError: block.is_error ?? false }
      return [ended, ...(wentToBackground ? [] : this.#subagents.endOf(block.tool_use_id, at))]
    })
  }

  // Newer versions say it twice, and every version echoes a repeated message that it then drops.
  #receive(messageId: string, at: number): SessionEvent[] {
    if (this.#received.has(messageId)) return []
    this.#received.add(messageId)
    return [{ type: 'message-received', at, messageId }]
  }

  #result(line: ResultLine, at: number): SessionEvent[] {
    const outcome = this.#refused ?? judgeTurn(line, { error: this.#error, limit: this.#limit })
    this.#refused = undefined
    return [...this.#totals.read(line, at), { type: 'turn-ended', at, outcome }]
  }

  // Our own control requests are answered by the same kind of line.
  #answered(requestId: string, at: number): SessionEvent[] {
    return this.inputs.has(requestId) ? [{ type: 'permission-answered', at, requestId }] : []
  }

  #rateLimit(limit: { status: string; resetsAt?: number | null | undefined }, at: number): SessionEvent[] {
    if (limit.status !== 'rejected') return []
    const resetsAt = typeof limit.resetsAt === 'number' ? limit.resetsAt * 1000 : undefined
    this.#limit = { resetsAt }
    return resetsAt === undefined ? [] : [{ type: 'limit', at, resetsAt }]
  }
}
