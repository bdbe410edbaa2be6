import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { BoardMessage, MessageKind, Party } from './message.ts'

/** What is longer is read from its file: every word of it would be paid for at each later request. */
const LONGEST_TEXT = 8000
const MOST_PATHS = 5

/** A message as its receiver's session hears it: its own text, and at most 60 tokens more. `nameOf`: what this receiver calls a party. */
export function renderMail(message: BoardMessage, nameOf: (party: Party) => string): string {
  return [`[orch ${heading(message, nameOf)}] ${bodyOf(message)}`, ...aboutLines(message), ...becauseLines(message), ...replyLines(message)]
    .join('\n')
    .trimEnd()
}

/** `m12 answer to m10 from backend: approve`. */
function heading({ id, kind, inReplyTo, from, decision }: BoardMessage, nameOf: (party: Party) => string): string {
  const to = inReplyTo === undefined ? '' : ` to ${inReplyTo}`
  return `${id} ${kind}${to} from ${plainLine(nameOf(from), 100)}${decision === undefined ? '' : `: ${decision}`}`
}

function bodyOf({ id, text }: BoardMessage): string {
  const plain = plainBlock(text)
    .trim()
    // A line that looks like another message's beginning would pass for one.
    .replace(/^(?=\s*\[orch\b)/gim, '> ')
  if (plain.length <= LONGEST_TEXT) return plain
  return `${plain.slice(0, LONGEST_TEXT)} …\n(cut; the whole is in .orch/inbox, ${id}.md)`
}

function aboutLines({ about }: BoardMessage): string[] {
  const paths = about?.paths ?? []
  const named = paths.slice(0, MOST_PATHS).map((path) => plainLine(path, 120))
  if (paths.length > MOST_PATHS) named.push(`${paths.length - MOST_PATHS} more`)
  const commit = about?.commit === undefined ? [] : [`commit ${about.commit.slice(0, 12)}`]
  return commit.length + named.length === 0 ? [] : [`About: ${[...commit, ...named].join(', ')}`]
}

function becauseLines({ because }: BoardMessage): string[] {
  return because === undefined ? [] : [`Because: ${plainBlock(because).trim().slice(0, LONGEST_TEXT)}`]
}

/** How to answer, where an answer is waited for. */
const REPLY: Partial<Record<MessageKind, (id: string) => string>> = {
  question: (id) => `Answer: orch answer ${id} "…"`,
  need: (id) => `When it is there: orch offer --for ${id} "…"; else orch answer ${id} "why not"`,
  escalation: (id) => `Answer: orch answer ${id} "…"`,
}

function replyLines({ id, kind }: BoardMessage): string[] {
  const line = REPLY[kind]?.(id)
  return line === undefined ? [] : [line]
}
