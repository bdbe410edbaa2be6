import { type BoardMessage, HUMAN, ORCH, type Party } from './message.ts'

/** What is in force for this task, oldest first: of its feature, or without one what the person decided or what was decided for it by name. */
export function decisionsInForce(
  decisions: readonly BoardMessage[],
  reader: { readonly handle: Party; readonly feature?: string },
): readonly BoardMessage[] {
  const superseded = new Set(decisions.map(({ supersedes }) => supersedes))
  return decisions.filter((decision) => !superseded.has(decision.id) && concerns(decision, reader))
}

function concerns({ feature, from, to }: BoardMessage, reader: { handle: Party; feature?: string }): boolean {
  if (feature !== undefined) return feature === reader.feature
  return from === HUMAN || from === ORCH || from === reader.handle || to.includes(reader.handle)
}
