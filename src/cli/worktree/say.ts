import { plainLine } from '../../foundation/text.ts'
import type { OutboxFile } from '../../domain/board/outbox-file.ts'
import { numberOfId } from '../../domain/board/board-file.ts'
import type { Command } from '../command-spec.ts'
import { usageFailure } from '../failures.ts'
import { listed, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { leave } from './outbox.ts'
import { headCommit } from './own-commits.ts'
import { requireWorktreeRoot } from './worktree-root.ts'

/** One word is a text for the human; with two the first one says whom it is for. */
export const tell: Command = saying((invocation) => {
  const [first = '', second, ...rest] = invocation.words
  if (rest.length > 0) throw usageFailure('The text must be one word to the shell.', 'put it in quotes: orch tell backend "text"')
  return second === undefined ? { kind: 'tell', text: first } : { kind: 'note', to: names(first), text: second }
})

export const context: Command = saying((invocation) => addressed('context', invocation))
export const ask: Command = saying((invocation) => addressed('question', invocation))
export const need: Command = saying((invocation) => addressed('need', invocation))

export const answer: Command = saying(({ words: [id = '', said = ''] }) => ({ kind: 'answer', inReplyTo: messageId(id), text: said }))

export const offer: Command = saying((invocation) => {
  const [said = ''] = invocation.words
  const need = text(invocation, 'for')
  return { kind: 'offer', text: said, ...(need !== undefined && { inReplyTo: messageId(need) }), ...pathsOf(invocation) }
})

export const decide: Command = saying((invocation) => {
  const [said = ''] = invocation.words
  const because = text(invocation, 'because') ?? ''
  if (because.trim() === '') throw usageFailure('A decision needs its reason.', 'orch decide "…" --because "…"')
  const affects = listed(invocation, 'affects')
  const supersedes = text(invocation, 'supersedes')
  return {
    kind: 'decision',
    text: said,
    because,
    ...(affects.length > 0 && { affects }),
    ...(supersedes !== undefined && { supersedes: messageId(supersedes) }),
  }
})

export const escalate: Command = saying((invocation) => {
  const [said = ''] = invocation.words
  const gate = text(invocation, 'kind')
  const options = texts(invocation, 'option')
  return { kind: 'escalation', text: said, ...(gate !== undefined && { gate }), ...(options.length > 0 && { options }) }
})

function saying(read: (invocation: Invocation) => Omit<OutboxFile, 'at'>): Command {
  return async (where, invocation) => {
    const root = requireWorktreeRoot(where.cwd)
    const said = read(invocation)
    if (said.text.trim() === '') throw usageFailure('There is no text to say.')
    const commit = COMMITTED.has(said.kind) ? await headCommit(root) : undefined
    return leave(where, invocation, root, { ...said, ...(commit !== undefined && { commit }) }, answerTo(said))
  }
}

/** What is said of the work as it is now. */
const COMMITTED: ReadonlySet<OutboxFile['kind']> = new Set(['tell', 'offer'])
const WAITS: ReadonlySet<OutboxFile['kind']> = new Set(['question', 'need', 'escalation'])

/** Who asks is told what to do until the answer comes: nothing. */
function answerTo({ kind, to, inReplyTo }: Omit<OutboxFile, 'at'>): string {
  const whom = to === undefined ? '' : ` to ${plainLine(to.join(', '))}`
  const what = `${kind}${whom}${inReplyTo === undefined ? '' : ` (${inReplyTo})`}`
  return WAITS.has(kind) ? `${what}: if you cannot go on without the answer, end your turn; it will be given to you` : what
}

function addressed(kind: 'context' | 'question' | 'need', invocation: Invocation): Omit<OutboxFile, 'at'> {
  const [to = '', said = ''] = invocation.words
  if (names(to).length === 0) throw usageFailure('It says nobody who is to read it.', 'a department, a task, all or human')
  return { kind, to: names(to), text: said, ...pathsOf(invocation) }
}

function names(typed: string): readonly string[] {
  return typed
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function pathsOf(invocation: Invocation): { paths?: readonly string[] } {
  const paths = texts(invocation, 'path')
  return paths.length === 0 ? {} : { paths }
}

/** An option that may be given several times. */
function texts({ options }: Invocation, name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : []
}

function messageId(typed: string): string {
  if (numberOfId(typed) === undefined)
    throw usageFailure(`"${plainLine(typed, 40)}" is no message: they are called m1, m2, …`, '`orch board` shows them')
  return typed
}
