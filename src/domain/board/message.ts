/*
 * What sessions, people and orch say to each other. Every message is one immutable Markdown file on the board; who has got it stands in its
 * receipts. Pure: who a word such as `backend` means is settled before a message is made.
 */

export const MESSAGE_KINDS = [
  'context',
  'question',
  'answer',
  'need',
  'offer',
  'contract',
  'decision',
  'review-request',
  'verdict',
  'conflict',
  'escalation',
  'note',
] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** A task's or a feature's handle (it has a dot), the person, or orch itself. */
export type Party = string
export const HUMAN: Party = 'human'
export const ORCH: Party = 'orch'

/** What is to be said, with everybody that it names known. */
export type NewMessage = {
  readonly kind: MessageKind
  readonly from: Party
  /** Without the sender, without repetitions; empty for what is only put on record. */
  readonly to: readonly Party[]
  /** Handle of the feature that it belongs to. */
  readonly feature?: string
  /** Markdown of an agent or a person: data, never instructions of orch's. */
  readonly text: string
  readonly about?: { readonly commit?: string; readonly paths?: readonly string[] }
  /** Id of the message that it answers. */
  readonly inReplyTo?: string
  /** Of a decision: why. */
  readonly because?: string
  /** Of a decision: the one that it takes the place of. */
  readonly supersedes?: string
  /** Of an answer to a gate or an escalation. */
  readonly decision?: 'approve' | 'deny'
  /** Of an escalation: what the person may choose from, best first. */
  readonly options?: readonly string[]
  /** Of an escalation that is a gate: which one. */
  readonly gate?: string
}

export type BoardMessage = NewMessage & {
  /** `m1`, `m2`, …: unique in its project, in the order in which orch took them. */
  readonly id: string
  readonly project: string
  /** Milliseconds since the epoch: when it was written, and when orch took it. */
  readonly writtenAt: number
  readonly takenAt: number
  /** How many messages deep a chain of replies is. */
  readonly hops: number
  /** Names what it was made of, so that the same thing taken twice is one message. */
  readonly source: string
}

/** Of one receiver; times in milliseconds since the epoch. */
export type Receipt = {
  readonly to: Party
  /** The agent's own record shows it, or its file was filed as read. */
  readonly deliveredAt?: number
  readonly answeredAt?: number
  /** Why it will not be delivered: the receiver is gone. */
  readonly refused?: string
}

/** One who waits for an answer or for what was asked for ends the turn; nobody else does. */
export function blocksSender({ kind, to }: Pick<NewMessage, 'kind' | 'to'>): boolean {
  return (kind === 'question' || kind === 'need' || kind === 'escalation') && to.length > 0
}

/** Of a reply to what the person was asked: their word, or orch's own that nobody need answer any more. */
export function settlesQuestion({ from, kind }: Pick<NewMessage, 'from' | 'kind'>): boolean {
  return from === HUMAN || (from === ORCH && kind === 'answer')
}

/** What brings back a session that has finished or ended; the rest is read when it works again. An escalation that a session gets is orch's. */
export function wakesReceiver({ kind, inReplyTo }: Pick<NewMessage, 'kind' | 'inReplyTo'>): boolean {
  return WAKING.has(kind) || inReplyTo !== undefined
}

const WAKING: ReadonlySet<MessageKind> = new Set(['question', 'need', 'conflict', 'verdict', 'escalation'])
