import { HUMAN, ORCH, type Party } from './message.ts'

/** What a task calls the others around it. */
export interface Circle {
  readonly project: string
  /** Handle of whoever speaks or listens. */
  readonly self: Party
  /** Handle of the feature that it belongs to. */
  readonly feature?: string
  /** Departments of that feature. */
  readonly departments: readonly string[]
  /** Handles of all tasks of the project that can still hear something themselves. */
  readonly live: readonly Party[]
  /** Handles of the parts of each feature of the project: who speaks to a feature speaks to them, for it has no session. */
  readonly parts: ReadonlyMap<Party, readonly Party[]>
  /** Handles of all tasks of the project. */
  readonly known: readonly Party[]
}

export type Resolution =
  | { readonly kind: 'found'; readonly parties: readonly Party[] }
  | { readonly kind: 'unknown'; readonly word: string }

/** Whom the words mean: never the speaker, each once. `all`: the other departments of the feature, else all live tasks of the project. */
export function resolveParties(words: readonly string[], circle: Circle): Resolution {
  const parties: Party[] = []
  for (const word of words) {
    const meant = resolveParty(word, circle)
    if (meant === undefined) return { kind: 'unknown', word }
    parties.push(...meant)
  }
  return { kind: 'found', parties: [...new Set(parties)].filter((party) => party !== circle.self) }
}

function resolveParty(word: string, { project, feature, departments, live, known, parts }: Circle): readonly Party[] | undefined {
  const name = word.trim().toLowerCase()
  if (name === HUMAN) return [HUMAN]
  if (name === 'all') return feature === undefined ? live : departments.map((department) => `${feature}.${department}`)
  if (feature !== undefined && departments.includes(name)) return [`${feature}.${name}`]
  const handle = [name, `${project}.${name}`].find((candidate) => known.includes(candidate))
  return handle === undefined ? undefined : (parts.get(handle) ?? [handle])
}

/** What the reader calls this party: shorter than its handle where that is clear. A task called "human" does not pass for the person. */
export function nameOf(party: Party, reader: Pick<Circle, 'project' | 'feature'>): string {
  const above = [reader.feature, reader.project].find((name) => name !== undefined && party.startsWith(`${name}.`))
  const short = above === undefined ? party : party.slice(above.length + 1)
  return NO_TASK.has(short) ? party : short
}

const NO_TASK: ReadonlySet<string> = new Set([HUMAN, ORCH, 'all'])
