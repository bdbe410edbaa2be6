import { plainLine } from '../../foundation/text.ts'
import { type BoardMessage, HUMAN, type MessageKind, type NewMessage, ORCH, type Party } from './message.ts'
import { messageKindOf, type OutboxFile } from './outbox-file.ts'
import { type Circle, nameOf, resolveParties } from './party.ts'

const MOST_RECEIVERS = 100
/** An exchange that goes on for longer than this is one that does not come to an end by itself. */
export const MOST_HOPS = 20

export type Words = Omit<OutboxFile, 'kind'> & { readonly kind: Parameters<typeof messageKindOf>[0] }

export type Addressed =
  | { readonly kind: 'message'; readonly message: NewMessage }
  /** In words for whoever wrote it: what is wrong, and what to do instead. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string }

export type RefusalCode =
  | 'forged'
  | 'unknown-receiver'
  | 'no-receiver'
  | 'too-many-receivers'
  | 'unknown-message'
  | 'not-asked'
  | 'too-deep'
  | 'no-text'
  | 'not-yours'

/** What a file says becomes a message from the owner of its outbox, whatever else it says it is. `find`: a message of the project by its id. */
export function address(words: Words, circle: Circle, find: (id: string) => BoardMessage | undefined): Addressed {
  const thread = words.inReplyTo === undefined ? undefined : find(words.inReplyTo)
  const refusal = refusalOf(words, circle, thread, find)
  if (refusal !== undefined) return { kind: 'refused', ...refusal }
  const kind = messageKindOf(words.kind)
  const found = receiversOf(words, kind, circle, thread)
  if (found.kind === 'unknown')
    return refused('unknown-receiver', `nobody here is called "${plainLine(found.word, 60)}": ${whoIsHere(circle)}`)
  const to = found.parties
  if (to.length > MOST_RECEIVERS)
    return refused('too-many-receivers', `it has ${to.length} receivers, and ${MOST_RECEIVERS} are the most: name those whom it concerns`)
  if (to.length === 0 && NEEDS_RECEIVER.has(kind)) return refused('no-receiver', `it says nobody who is to read it: ${whoIsHere(circle)}`)
  return { kind: 'message', message: { kind, from: circle.self, to, text: words.text.trim(), ...facts(words, circle, thread) } }
}

type Refusal = { readonly code: RefusalCode; readonly reason: string }

function refused(code: RefusalCode, reason: string): Addressed {
  return { kind: 'refused', code, reason }
}

function refusalOf(
  words: Words,
  circle: Circle,
  thread: BoardMessage | undefined,
  find: (id: string) => BoardMessage | undefined,
): Refusal | undefined {
  const { from, kind, text, decision, inReplyTo } = words
  const isPerson = circle.self === HUMAN
  if (from !== undefined && !isOwnName(from, circle))
    return { code: 'forged', reason: `it says that it is from "${plainLine(from, 60)}", and it lay in the outbox of ${circle.self}` }
  if (text.trim() === '' && decision === undefined) return { code: 'no-text', reason: 'it has no text' }
  if (decision !== undefined && !isPerson) return { code: 'not-yours', reason: 'only the person approves or denies' }
  if (kind === 'answer' && inReplyTo === undefined) return { code: 'unknown-message', reason: 'it does not say what it answers: inReplyTo' }
  return (inReplyTo === undefined ? undefined : refusalOfReply(words, circle, thread)) ?? refusalOfDecision(words, circle, find)
}

function refusalOfReply({ inReplyTo = '', kind }: Words, circle: Circle, thread: BoardMessage | undefined): Refusal | undefined {
  if (thread === undefined) return { code: 'unknown-message', reason: `there is no message ${plainLine(inReplyTo, 40)} on the board` }
  const isOffer = kind === 'offer' && thread.kind === 'need' && thread.feature === circle.feature
  const isAsked = circle.self === HUMAN || thread.from === circle.self || thread.to.includes(circle.self) || isOffer
  if (!isAsked)
    return {
      code: 'not-asked',
      reason: `${thread.id} is for ${thread.to.map((to) => nameOf(to, circle)).join(', ') || 'nobody'}, who alone can answer it`,
    }
  if (thread.hops + 1 > MOST_HOPS && circle.self !== HUMAN)
    return { code: 'too-deep', reason: `this exchange is ${MOST_HOPS} messages deep: decide what you can yourself, or run orch escalate` }
  return undefined
}

function refusalOfDecision({ supersedes }: Words, circle: Circle, find: (id: string) => BoardMessage | undefined): Refusal | undefined {
  if (supersedes === undefined) return undefined
  const earlier = find(supersedes)
  if (earlier?.kind !== 'decision') return { code: 'unknown-message', reason: `${plainLine(supersedes, 40)} is no decision` }
  const isOwn =
    earlier.from === circle.self || (earlier.feature !== undefined && earlier.feature === circle.feature && earlier.from !== HUMAN)
  return isOwn || circle.self === HUMAN
    ? undefined
    : { code: 'not-yours', reason: `${earlier.id} is ${nameOf(earlier.from, circle)}'s decision` }
}

function isOwnName(from: string, circle: Circle): boolean {
  const name = from.trim().toLowerCase()
  return name === circle.self || name === nameOf(circle.self, circle) || name === nameOf(circle.self, { project: circle.project })
}

/** Kinds that nobody hears unless they say who. */
const NEEDS_RECEIVER: ReadonlySet<MessageKind> = new Set(['question', 'need', 'note'])
const FOR_ALL: ReadonlySet<MessageKind> = new Set(['context', 'offer', 'contract'])

function receiversOf(words: Words, kind: MessageKind, circle: Circle, thread: BoardMessage | undefined): ReturnType<typeof resolveParties> {
  const named = words.to ?? (kind === 'decision' ? words.affects : undefined) ?? []
  if (named.length > 0) return resolveParties(named, circle)
  if (thread !== undefined) return { kind: 'found', parties: otherSideOf(thread, circle.self) }
  if (kind === 'escalation' || words.kind === 'tell') return { kind: 'found', parties: [HUMAN] }
  if (FOR_ALL.has(kind) && circle.feature !== undefined) return resolveParties(['all'], circle)
  return { kind: 'found', parties: [] }
}

/** Whoever asked; or, for one who says more to what it asked itself, those whom it asked; of what orch said to several, the others. */
function otherSideOf(thread: BoardMessage, self: Party): readonly Party[] {
  if (thread.from === ORCH) return thread.to.filter((party) => party !== self)
  return thread.from === self ? thread.to : [thread.from]
}

function facts(words: Words, circle: Circle, thread: BoardMessage | undefined): Partial<NewMessage> {
  const { commit, paths = [], inReplyTo, because, supersedes, options, decision, gate } = words
  const feature = circle.feature ?? thread?.feature
  const isAbout = commit !== undefined || paths.length > 0
  return {
    ...(feature !== undefined && { feature }),
    ...(isAbout && { about: { ...(commit !== undefined && { commit }), ...(paths.length > 0 && { paths }) } }),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(because !== undefined && { because }),
    ...(supersedes !== undefined && { supersedes }),
    ...(options !== undefined && { options }),
    ...(decision !== undefined && { decision }),
    ...(gate !== undefined && { gate }),
  }
}

function whoIsHere({ feature, departments, live, self, project }: Circle): string {
  const names = (feature === undefined ? live : departments.map((name) => `${feature}.${name}`))
    .filter((party) => party !== self)
    .map((party) => nameOf(party, { project, ...(feature !== undefined && { feature }) }))
  const shown = names.length > 20 ? [...names.slice(0, 20), '…'] : names
  return `it may be ${[...shown, 'all', HUMAN].join(', ')}`
}
