import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import type { PermissionDecision } from '../../domain/sessions/session-event.ts'
import { assertNever } from '../../foundation/invariant.ts'
import type { SessionMessage } from '../../ports/agent.ts'
import { questionsOf } from './record/asked-questions.ts'

/**
 * The lines of our side. A line up to 4096 bytes goes into the FIFO whole or not at all, even when we are killed while writing; half a line
 * would end the session (it exits on a line that is no JSON). So a long text goes into a file of the worktree, the one place that the
 * session can read at every level of isolation, and the line names it.
 */
export async function messageLine(message: SessionMessage, worktree: string): Promise<string> {
  const line = render(message, message.text)
  return Buffer.byteLength(line) < wholeBytes ? line : render(message, await writeMessage(message, worktree))
}

export function answerLine(requestId: string, decision: PermissionDecision, input: Input): string {
  return JSON.stringify({
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, response: responseTo(decision, input) },
  })
}

type Input = Readonly<Record<string, unknown>>

function responseTo(decision: PermissionDecision, input: Input): Input {
  switch (decision.kind) {
    case 'allow':
      return { behavior: 'allow', updatedInput: input }
    case 'deny':
      return { behavior: 'deny', message: decision.reason }
    case 'answer':
      return { behavior: 'allow', updatedInput: { ...input, answers: answersOf(input, decision.answers) } }
    default:
      return assertNever(decision)
  }
}

/** By the text of the question, as the tool wants them. */
function answersOf(input: Input, answers: readonly string[]): Readonly<Record<string, string>> {
  const questions = questionsOf(input)
  if (questions.length === 0)
    throw new Failure('no-question', 'The session asked for leave, not for an answer.', { next: 'orch approve or orch deny' })
  if (questions.length !== answers.length) {
    throw new Failure('answers-missing', `The session asked ${questions.length} questions and got ${answers.length} answers.`, {
      facts: { questions: questions.length, answers: answers.length },
      next: 'answer each question, in their order',
    })
  }
  return Object.fromEntries(questions.map(({ text }, at) => [text, answers[at] ?? '']))
}

export function interruptLine(): string {
  return JSON.stringify({ type: 'control_request', request_id: randomUUID(), request: { subtype: 'interrupt' } })
}

function render({ id, when }: SessionMessage, content: string): string {
  const priority = when === 'steer' ? 'next' : 'later'
  return JSON.stringify({ type: 'user', uuid: id, message: { role: 'user', content }, priority })
}

/** PIPE_BUF, the line break included. */
const wholeBytes = 4096

async function writeMessage({ id, text }: SessionMessage, worktree: string): Promise<string> {
  if (!/^[\w-]+$/.test(id)) throw new Failure('message-id-invalid', 'The id of a message is a uuid.', { facts: { id } })
  const folder = join(worktree, '.orch', 'messages')
  await requireFolder(join(worktree, '.orch'))
  await requireFolder(folder)
  const draft = join(folder, `.${id}.${randomUUID()}`)
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(draft, join(folder, `${id}.md`))
  return `Read .orch/messages/${id}.md completely now: it is this message, too long to be put here. Then do what it says.`
}

// The agent can write here, also a link that would lead our write out of its worktree.
async function requireFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  if ((await lstat(path)).isDirectory()) return
  throw new Failure('mailbox-not-a-folder', `${path} is not a folder, so a message cannot be put there.`, {
    facts: { path },
    next: `Remove ${path}.`,
  })
}
