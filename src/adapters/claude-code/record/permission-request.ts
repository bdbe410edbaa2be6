import { createHash } from 'node:crypto'
import { plainLine } from '../../../foundation/text.ts'
import type { AgentQuestion, PermissionRequest } from '../../../domain/sessions/session-event.ts'
import { questionsOf } from './asked-questions.ts'
import type { ControlRequestLine } from './protocol.ts'
import { summarizeTool } from './tool-summary.ts'

/** All of it in words that a terminal can bear. */
export function permissionRequest({ request_id: id, request }: ControlRequestLine, at: number): PermissionRequest {
  const { tool_name: tool, input } = request
  const questions = questionsOf(input).map(shown)
  return {
    id,
    tool,
    summary: summarizeTool(tool, input),
    at,
    fingerprint: fingerprint(tool, input),
    ...(questions.length > 0 && { questions }),
  }
}

/** What a model says about a call is no part of it, and is said in other words the next time. */
function fingerprint(tool: string, { description: _words, ...input }: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([tool, sorted]))
    .digest('hex')
    .slice(0, 32)
}

function shown({ text, options, isMultiple }: AgentQuestion): AgentQuestion {
  return {
    text: plainLine(text, LONGEST_TEXT),
    isMultiple,
    options: options.map(({ label, description }) => ({
      label: plainLine(label),
      ...(description !== undefined && { description: plainLine(description, LONGEST_TEXT) }),
    })),
  }
}

const LONGEST_TEXT = 1000
