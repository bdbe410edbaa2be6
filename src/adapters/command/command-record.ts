import { createHash } from 'node:crypto'
import type { PermissionRequest, SessionEvent, SessionExit, TurnOutcome } from '../../domain/sessions/session-event.ts'
import type { Json } from '../../foundation/json.ts'
import { assertNever } from '../../foundation/invariant.ts'
import { plainLine } from '../../foundation/text.ts'
import { parseCommandLine } from './command-line.ts'
import type { CommandLine } from './command-line.ts'

/** Translates a program's output into events. Depends on nothing but the lines and their times, so that a replay gives the same. */
export class CommandRecord {
  readonly #received = new Set<string>()
  #hasBegun = false
  #isInTurn = false
  #lastText = ''
  #output: Json | undefined

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  hasReceived(messageId: string): boolean {
    return this.#received.has(messageId)
  }

  read(line: string, at: number): readonly SessionEvent[] {
    const parsed = parseCommandLine(line)
    return parsed === undefined ? this.#text(line, at) : this.#translate(parsed, at)
  }

  /** A program that speaks no protocol has done its turn when it ends with 0. */
  end(exit: SessionExit, at: number): readonly SessionEvent[] {
    const isDone = this.#isInTurn && exit.kind === 'code' && exit.code === 0
    return [...(isDone ? this.#endTurn({ kind: 'completed', text: this.#lastText }, at) : []), { type: 'exited', at, exit }]
  }

  #translate(line: CommandLine, at: number): readonly SessionEvent[] {
    switch (line.type) {
      case 'begin':
        return [...this.#begin(at), ...this.#receive(line.id, at)]
      case 'received':
        return this.#receive(line.id, at)
      case 'turn-started':
        return this.#startTurn(at)
      case 'text':
        return this.#text(line.text, at)
      case 'output':
        return this.#answer(line.output, at)
      case 'turn-ended':
        return this.#endTurn(outcomeOf(line.outcome, this.#lastText), at)
      default:
        return [...this.#startTurn(at), ...withinTurn(line, at)]
    }
  }

  /** The program's start repeats when a crash of ours made us say `begin` twice and the program echoes what it reads. */
  #begin(at: number): readonly SessionEvent[] {
    if (this.#hasBegun) return []
    this.#hasBegun = true
    return [{ type: 'started', at }]
  }

  #receive(messageId: string, at: number): readonly SessionEvent[] {
    if (this.#received.has(messageId)) return []
    this.#received.add(messageId)
    return [...this.#startTurn(at), { type: 'message-received', at, messageId }]
  }

  #startTurn(at: number): readonly SessionEvent[] {
    if (this.#isInTurn) return []
    this.#isInTurn = true
    this.#lastText = ''
    this.#output = undefined
    return [{ type: 'turn-started', at }]
  }

  #text(text: string, at: number): readonly SessionEvent[] {
    const started = this.#startTurn(at)
    this.#lastText = text
    return [...started, { type: 'text', at, text }]
  }

  /** A sign of life now; the turn's end says it. */
  #answer(output: Json, at: number): readonly SessionEvent[] {
    const started = this.#startTurn(at)
    this.#output = output
    return [...started, { type: 'alive', at }]
  }

  #endTurn(outcome: TurnOutcome, at: number): readonly SessionEvent[] {
    const started = this.#startTurn(at)
    this.#isInTurn = false
    const structured = this.#output
    const full = outcome.kind === 'completed' && structured !== undefined ? { ...outcome, structured } : outcome
    return [...started, { type: 'turn-ended', at, outcome: full }]
  }
}

type WithinTurn = Exclude<CommandLine, { type: 'begin' | 'received' | 'turn-started' | 'text' | 'output' | 'turn-ended' }>

function withinTurn(line: WithinTurn, at: number): readonly SessionEvent[] {
  switch (line.type) {
    case 'tool-started':
      return [{ type: 'tool-started', at, toolUseId: line.id, tool: line.tool, summary: plainLine(line.summary), writes: 'anything' }]
    case 'tool-ended':
      return [{ type: 'tool-ended', at, toolUseId: line.id, isError: line.isError }]
    case 'permission-asked':
      return [{ type: 'permission-asked', at, request: requestOf(line, at) }]
    case 'permission-answered':
      return [{ type: 'permission-answered', at, requestId: line.id }]
    case 'usage': {
      const { type, id, model, ...usage } = line
      return [{ type, at, messageId: id, model, usage }]
    }
    case 'retrying':
      return [{ type: 'retrying', at, cause: line.cause, attempt: line.attempt, delayMs: line.delayMs }]
    case 'limit':
      return [{ type: 'limit', at, resetsAt: line.resetsAt }]
    case 'alive':
      return [{ type: 'alive', at }]
    default:
      return assertNever(line)
  }
}

function requestOf({ id, tool, summary, questions }: Extract<WithinTurn, { type: 'permission-asked' }>, at: number): PermissionRequest {
  const shown = questions?.map(({ text, options, isMultiple }) => ({
    text: plainLine(text, 1000),
    isMultiple,
    options: options.map(({ label }) => ({ label: plainLine(label) })),
  }))
  // All that is known of a call is what the program says of it.
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([tool, summary]))
    .digest('hex')
    .slice(0, 32)
  return {
    id,
    tool,
    fingerprint,
    summary: plainLine(summary || (shown?.[0]?.text ?? '')),
    at,
    ...(shown !== undefined && { questions: shown }),
  }
}

function outcomeOf(outcome: Extract<CommandLine, { type: 'turn-ended' }>['outcome'], lastText: string): TurnOutcome {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'completed', text: outcome.text ?? lastText }
    case 'usage-limit':
      return { kind: 'usage-limit', resetsAt: outcome.resetsAt }
    default:
      return outcome
  }
}
