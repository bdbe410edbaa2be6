import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { TaskRequestShown, TaskStatus } from '../../protocol/task-status.ts'
import { usageFailure } from '../failures.ts'
import { type AskedOfPerson, askedOfPerson, type PersonsFacts, whatWaits } from '../../protocol/what-waits.ts'

/** What an answer is for. A request that the files do not know may be known to the daemon. */
export type Target =
  | { readonly kind: 'request'; readonly id: string; readonly task: TaskStatus | undefined; readonly request: TaskRequestShown | undefined }
  | { readonly kind: 'message'; readonly asked: AskedOfPerson }

/** `m12` or `shop/m12`. */
const MESSAGE = /^(?:([^/\s]+)\/)?(m[1-9]\d{0,8})$/

/** Whether a word names something that waits, and not what is said to it. */
export function namesTarget(word: string, { tasks }: PersonsFacts): boolean {
  return MESSAGE.test(word) || (word.length >= 4 && tasks.some(({ requests }) => requests.some(({ id }) => id.startsWith(word))))
}

/** `here`: the project of the folder in which it was typed, meant where several could be. Failures: `usage`, `unknown-message`, `already-answered`. */
export function findTarget(word: string, facts: PersonsFacts, here: string | undefined): Target {
  const [, project, id] = MESSAGE.exec(word) ?? []
  if (id === undefined) return findRequest(word, facts)
  const all = askedOfPerson(facts).filter(({ message }) => message.id === id && (project === undefined || message.project === project))
  const open = all.filter(({ answer }) => answer === undefined)
  const candidates = open.length > 0 ? open : all
  const asked =
    candidates.length > 1 ? (candidates.find(({ message }) => message.project === here) ?? ambiguous(word, candidates)) : candidates[0]
  if (asked === undefined) throw unknownMessage(word)
  if (asked.answer !== undefined) throw alreadyAnswered(word, asked.answer)
  return { kind: 'message', asked }
}

function findRequest(word: string, facts: PersonsFacts): Target {
  if (word === '') throw usageFailure('The request is empty.', '`orch inbox` shows what waits')
  const found = facts.tasks
    .flatMap((task) => task.requests.map((request) => ({ task, request })))
    .filter(({ request }) => request.id.startsWith(word))
  const exact = found.find(({ request }) => request.id === word)
  if (found.length > 1 && exact === undefined)
    throw usageFailure(`"${word}" may be ${found.map(({ request }) => request.id).join(' or ')}.`)
  const one = exact ?? found[0]
  const kept = facts.kept.find(({ about }) => about === (one?.request.id ?? word))
  if (kept !== undefined) throw alreadyAnswered(word, { at: Date.parse(kept.at), decision: kept.decision, text: kept.text, isKept: true })
  if (one === undefined) refuseTask(word, facts)
  return { kind: 'request', id: one?.request.id ?? word, task: one?.task, request: one?.request }
}

/** A whole task waits too, but for another command. */
function refuseTask(word: string, facts: PersonsFacts): void {
  const item = whatWaits(facts).find(({ who }) => who === word || who.endsWith(`.${word}`))
  if (item !== undefined) throw usageFailure(`${plainLine(word)} is a task: ${item.what}.`, item.next)
}

function ambiguous(word: string, candidates: readonly AskedOfPerson[]): never {
  throw usageFailure(`"${word}" may be ${candidates.map(({ message }) => `${message.project}/${message.id}`).join(' or ')}.`)
}

function unknownMessage(word: string): Failure {
  return new Failure('unknown-message', `nothing waits for you under "${plainLine(word)}"`, {
    safe: 'nothing was said',
    next: 'orch inbox shows what waits',
  })
}

function alreadyAnswered(word: string, { at, decision, text, isKept }: NonNullable<AskedOfPerson['answer']>): Failure {
  const said = [decision === 'deny' ? 'denied' : decision === undefined ? '' : 'approved', text === '' ? '' : `"${plainLine(text)}"`]
  const words = said.filter((part) => part !== '').join(': ')
  const when = Number.isFinite(at) ? `, at ${new Date(at).toISOString()}` : ''
  return new Failure('already-answered', `${word} was answered already${when}: ${words}`, {
    safe: isKept ? 'that answer is kept until the daemon runs again, and nothing more was said' : 'that stands, and nothing more was said',
    next: isKept ? 'orch daemon start' : 'to add something: orch send',
  })
}
