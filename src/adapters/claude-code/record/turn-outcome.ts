import type { ModelFailure, TurnOutcome } from '../../../domain/sessions/session-event.ts'
import type { ResultLine } from './protocol.ts'

/** What the lines before the result said. */
export interface TurnNotes {
  /** The `error` of the last synthetic assistant line. */
  readonly error: string | undefined
  readonly limit: { readonly resetsAt: number | undefined } | undefined
}

/** `subtype` says "success" for a failed model call: it is never looked at. */
export function judgeTurn(result: ResultLine, notes: TurnNotes): TurnOutcome {
  const ended = outcomesByReason[result.terminal_reason ?? '']
  if (ended !== undefined) return ended
  const text = result.result ?? ''
  if (result.terminal_reason === 'prompt_too_long') return { kind: 'model-failed', cause: 'prompt-too-long', message: text }
  if (result.is_error) return judgeError(result, notes, text)
  // An old Claude Code takes a reply that was cut off for a success; what it lacks is the stop reason.
  if (!result.stop_reason || result.stop_reason === 'stop_sequence') return { kind: 'suspect', message: text }
  if (result.terminal_reason !== 'completed') return { kind: 'suspect', message: `ended as ${result.terminal_reason ?? 'unknown'}` }
  const { structured_output: structured } = result
  return { kind: 'completed', text, ...(structured !== undefined && { structured }) }
}

export function classifyFailure(status: number | null | undefined, error: string | null | undefined): ModelFailure {
  const named = failuresByName[error ?? '']
  if (named !== undefined) return named
  if (status === undefined || status === null) return error === 'server_error' || error === 'unknown' ? 'connection' : 'unknown'
  return failuresByStatus[status] ?? (status >= 500 ? 'server' : 'unknown')
}

const outcomesByReason: Readonly<Record<string, TurnOutcome>> = {
  aborted_tools: { kind: 'interrupted' },
  aborted_streaming: { kind: 'interrupted' },
  max_turns: { kind: 'too-many-turns' },
  budget_exhausted: { kind: 'budget-exhausted' },
}

function judgeError(result: ResultLine, notes: TurnNotes, message: string): TurnOutcome {
  const status = result.api_error_status
  if (status === 429 && notes.limit !== undefined) return { kind: 'usage-limit', resetsAt: notes.limit.resetsAt }
  // Without the event only the sentence tells a used-up plan (wait for hours) from a busy minute (wait for seconds).
  if (status === 429 && /\bhit your .*limit\b/i.test(message)) return { kind: 'usage-limit', resetsAt: undefined }
  return { kind: 'model-failed', cause: classifyFailure(status, notes.error), message }
}

const failuresByName: Readonly<Record<string, ModelFailure>> = {
  rate_limit: 'rate-limit',
  overloaded: 'overloaded',
  authentication_failed: 'authentication',
  oauth_org_not_allowed: 'authentication',
  billing_error: 'billing',
  model_not_found: 'model-not-found',
}

const failuresByStatus: Readonly<Record<number, ModelFailure>> = {
  401: 'authentication',
  403: 'authentication',
  404: 'model-not-found',
  408: 'connection',
  413: 'prompt-too-long',
  429: 'rate-limit',
  529: 'overloaded',
}
