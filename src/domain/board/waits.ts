import { type BoardMessage, blocksSender, HUMAN, type NewMessage, ORCH, type Party } from './message.ts'

/** One that goes on only when it is answered. */
export type Wait = { readonly who: Party; readonly for: Party; readonly message: string; readonly kind: BoardMessage['kind'] }

/** Each waits for the next one, and the last for the first. */
export type WaitCycle = readonly Wait[]

/** Any reply but the sender's own ends a wait: it wakes the one that waits. Whose task has ended waits for nothing and answers nothing. */
export function openWaits(messages: readonly BoardMessage[], ended: ReadonlySet<Party> = new Set()): Wait[] {
  const senders = new Map(messages.map(({ id, from }) => [id, from]))
  const answered = new Set(
    messages.flatMap(({ inReplyTo, from }) => (inReplyTo === undefined || senders.get(inReplyTo) === from ? [] : [inReplyTo])),
  )
  return messages.flatMap((message) => {
    const { id, kind, from, to } = message
    if (!blocksSender(message) || answered.has(id) || ended.has(from) || from === HUMAN || from === ORCH) return []
    return to.filter((party) => !ended.has(party)).map((party) => ({ who: from, for: party, message: id, kind }))
  })
}

const MOST_CYCLES = 64
const MOST_PATHS = 5000

/**
 * The cycles that were none before this message, the shortest first; at least one if there is any. `messages` are all that the board knows, this
 * one too. Asked of every message in its turn, each cycle is found once as long as it lasts.
 */
export function cyclesClosedBy(message: BoardMessage, messages: readonly BoardMessage[], ended?: ReadonlySet<Party>): WaitCycle[] {
  if (!blocksSender(message)) return []
  const waits = openWaits(messages, ended)
  const isNew = (wait: Wait) =>
    wait.message === message.id &&
    !waits.some((other) => other.who === wait.who && other.for === wait.for && other.message !== wait.message)
  const cycles: WaitCycle[] = []
  const waitsOf = new Map<Party, Wait[]>()
  for (const wait of waits) if (!waitsOf.get(wait.who)?.some((other) => other.for === wait.for)) push(waitsOf, wait)
  const paths: WaitCycle[] = waits.filter(isNew).map((wait) => [wait])
  for (let at = 0; at < paths.length && at < MOST_PATHS && cycles.length < MOST_CYCLES; at++) {
    const path = paths[at] ?? []
    for (const wait of waitsOf.get(path.at(-1)?.for ?? '') ?? []) {
      if (wait.for === message.from) cycles.push([...path, wait])
      else if (!path.some(({ who }) => who === wait.for)) paths.push([...path, wait])
    }
  }
  return cycles
}

/** Told to all of the cycle and to the person. */
export function cycleMessage(cycle: WaitCycle, feature?: string): NewMessage {
  const steps = cycle.map(({ who, for: whom, message, kind }) => `- ${who} waits for ${whom} (its ${kind} ${message})`)
  const ways = cycle.map(({ for: whom, message }) => `${whom}: \`orch answer ${message} "…"\``)
  return {
    kind: 'escalation',
    from: ORCH,
    to: [...new Set(cycle.map(({ who }) => who)), HUMAN],
    ...(feature !== undefined && { feature }),
    text: [
      'These wait for each other, so that none of them goes on:',
      ...steps,
      `One of them answers first, with an assumption if need be, and the others go on: ${ways.join('; ')}.`,
    ].join('\n'),
  }
}

function push(waitsOf: Map<Party, Wait[]>, wait: Wait): void {
  waitsOf.set(wait.who, [...(waitsOf.get(wait.who) ?? []), wait])
}
