import { blocksSender, type BoardMessage, HUMAN, settlesQuestion } from '../domain/board/message.ts'
import { answerCommands } from '../domain/tasks/task-status.ts'
import { plainLine } from '../foundation/text.ts'
import type { InboxItem } from '../domain/gates/inbox-item.ts'
import type { TaskRequestShown, TaskStatus } from './task-status.ts'
import { requestQuestion } from './urgency.ts'

/** What the person said while no daemon ran; `about` is a request's id or, with a project, a message's. */
export interface KeptAnswer {
  readonly project: string | undefined
  readonly about: string
  readonly at: string
  readonly decision: string | undefined
  readonly text: string
}

/** All that is known from files. */
export interface PersonsFacts {
  readonly tasks: readonly TaskStatus[]
  readonly messages: readonly BoardMessage[]
  readonly kept: readonly KeptAnswer[]
}

/** A message to the person with what they answered, if they did. */
export interface AskedOfPerson {
  readonly message: BoardMessage
  /** As it is typed: with its project where another one has an open message of the same number. */
  readonly id: string
  readonly answer:
    | { readonly at: number; readonly decision: string | undefined; readonly text: string; readonly isKept: boolean }
    | undefined
}

/** Sessions that wait with a running turn first, then what stands on the board, then whole tasks; of the same kind the one that has waited longest. */
const ORDER = ['permission', 'choice', 'gate', 'escalation', 'question', 'need', 'task', 'failed', 'review'] as const
const RANK: Readonly<Record<InboxItem['kind'], number>> = Object.fromEntries(
  ORDER.map((kind, at) => [kind, at < 2 ? 0 : at < 6 ? 1 : at]),
) as Record<InboxItem['kind'], number>

/** All that waits for the person, most urgent first. */
export function whatWaits(facts: PersonsFacts): readonly InboxItem[] {
  const all = askedOfPerson(facts)
  const asked = all.filter(({ answer }) => answer === undefined)
  // The task of a kept answer still says that it waits: nobody has told it yet.
  const askers = new Set(all.filter(({ answer }) => answer === undefined || answer.isKept).map(({ message }) => message.from))
  const items = [
    ...facts.tasks.flatMap((task) =>
      task.requests.filter((request) => !isKept(facts, request)).map((request) => requestItem(task, request)),
    ),
    ...asked.map(messageItem),
    ...facts.tasks.flatMap((task) => taskItem(task, askers)),
  ]
  return withoutEchoes(items, facts.tasks).toSorted(
    (a, b) => RANK[a.kind] - RANK[b.kind] || compare(a.since, b.since) || compare(a.who, b.who),
  )
}

/** A feature that waits because its parts do says nothing new beside them. */
function withoutEchoes(items: readonly InboxItem[], tasks: readonly TaskStatus[]): readonly InboxItem[] {
  const features = new Set(tasks.filter(({ kind }) => kind === 'feature').map(({ handle }) => handle))
  return items.filter(({ kind, who }) => kind !== 'task' || !features.has(who) || !items.some((other) => other.who.startsWith(`${who}.`)))
}

/** Every message that a task waits on its person with, answered or not; none of a task that is over. */
export function askedOfPerson({ tasks, messages, kept }: PersonsFacts): readonly AskedOfPerson[] {
  const over = new Set(tasks.filter(({ status }) => status === 'Merged' || status === 'Archived').map(({ handle }) => handle))
  const all = messages
    .filter((message) => blocksSender(message) && message.to.includes(HUMAN))
    .map((message) => ({ message, answer: answerTo(message, messages, kept) }))
    .filter(({ message, answer }) => answer !== undefined || !over.has(message.from))
  const open = all.filter(({ answer }) => answer === undefined).map(({ message }) => message)
  return all.map(({ message, answer }) => {
    const isClear = open.every((other) => other.id !== message.id || other.project === message.project)
    return { message, answer, id: isClear ? message.id : `${message.project}/${message.id}` }
  })
}

function answerTo({ project, id }: BoardMessage, messages: readonly BoardMessage[], kept: readonly KeptAnswer[]): AskedOfPerson['answer'] {
  const answers = messages.filter((message) => message.project === project && message.inReplyTo === id)
  const said = answers.find(settlesQuestion)
  if (said !== undefined) return { at: said.takenAt, decision: said.decision, text: said.text, isKept: false }
  const waiting = kept.find((answer) => answer.project === project && answer.about === id)
  return waiting && { at: Date.parse(waiting.at), decision: waiting.decision, text: waiting.text, isKept: true }
}

function isKept({ kept }: PersonsFacts, { id }: TaskRequestShown): boolean {
  return kept.some(({ about }) => about === id)
}

function requestItem({ project, handle }: TaskStatus, request: TaskRequestShown): InboxItem {
  const { id, at, summary, questions } = request
  const facts = { id, project, who: handle, what: requestQuestion(request), text: summary, since: at }
  if (questions === undefined) return { ...facts, kind: 'permission', next: answerCommands(id) }
  const options = questions[0]?.options.map(({ label }) => label) ?? []
  return { ...facts, kind: 'choice', ...(options.length > 0 && { options }), next: answerCommands(id, questions) }
}

function messageItem({ message, id }: AskedOfPerson): InboxItem {
  const { project, from, text, takenAt, options, gate } = message
  const isYesOrNo = takesYesOrNo(message)
  const kind =
    gate !== undefined && isYesOrNo ? 'gate' : message.kind === 'question' || message.kind === 'need' ? message.kind : 'escalation'
  return {
    id,
    kind,
    project,
    who: from,
    what: plainLine(gate === undefined || kind === 'gate' ? text : `${gate}: ${text}`),
    text,
    ...(options !== undefined && { options }),
    since: new Date(takenAt).toISOString(),
    next: isYesOrNo ? `orch approve ${id}   or   orch deny ${id} "why"` : `orch answer ${id} "…"`,
  }
}

/** Only yes and no answer it. */
export function takesYesOrNo({ options = [] }: Pick<BoardMessage, 'options'>): boolean {
  return options.length === 2 && options[0] === 'approve'
}

const TASK_KINDS: Readonly<Partial<Record<TaskStatus['status'], 'task' | 'failed' | 'review'>>> = {
  'Needs you': 'task',
  Failed: 'failed',
  Review: 'review',
}

/** What its session has asked stands there by itself; attempts and parts are their task's and their feature's. */
function taskItem(task: TaskStatus, askers: ReadonlySet<string>): readonly InboxItem[] {
  const { handle, project, status, requests, isWaitingForHuman, attemptOf, since } = task
  const kind = TASK_KINDS[status]
  if (kind === undefined || !isWaitingForHuman || attemptOf !== undefined || requests.length > 0) return []
  if (kind === 'task' && askers.has(handle)) return []
  if (kind === 'review' && task.kind === 'part') return []
  return [
    {
      id: handle,
      kind,
      project,
      who: handle,
      what: plainLine(task.reason),
      text: task.reason,
      since,
      next: plainLine(task.next ?? `orch logs ${handle}`),
    },
  ]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
