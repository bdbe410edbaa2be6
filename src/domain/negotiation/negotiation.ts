import type { Standing } from '../attempts/standing.ts'
import type { PartsOverlap } from '../radar/parts-overlap.ts'
import type { Ruling } from './yielding.ts'

/**
 * How two parts of a feature come out of a conflict. A round tells one of them to yield; it is over when the overlap is gone, or when both have come to
 * rest at the commits that the radar has seen and it still stands. After so many rounds the person decides. Pure: each event gives the next state, and
 * `nextAct` what is to be done about it.
 */
export type Negotiation = {
  /** `quiet`: nothing to settle. */
  readonly phase: 'quiet' | 'open' | 'escalated'
  readonly round: number
  readonly ruling?: Ruling
  readonly overlap?: PartsOverlap
  /** Commit at which a part has come to rest, by its handle; since the round began, where it was told to do something. */
  readonly rests: Readonly<Record<string, string>>
  /** What was tried, a line each. */
  readonly tried: readonly string[]
}

export type Act =
  | { readonly kind: 'round'; readonly round: number; readonly overlap: PartsOverlap }
  | { readonly kind: 'escalate'; readonly overlap: PartsOverlap; readonly ruling: Ruling }
  | { readonly kind: 'settle'; readonly ruling: Ruling }

export const QUIET: Negotiation = { phase: 'quiet', round: 0, rests: {}, tried: [] }

/** What the radar sees between the two now. */
export function seeOverlap({ overlap: _before, ...rest }: Negotiation, overlap: PartsOverlap | undefined): Negotiation {
  return overlap === undefined ? rest : { ...rest, overlap }
}

export function seeStanding(negotiation: Negotiation, handle: string, standing: Standing): Negotiation {
  const { [handle]: _before, ...others } = negotiation.rests
  if (standing.kind === 'ready') return { ...negotiation, rests: { ...others, [handle]: standing.commit } }
  return { ...negotiation, rests: standing.kind === 'gone' ? { ...others, [handle]: 'gone' } : others }
}

export function nextAct({ phase, round, ruling, overlap, rests }: Negotiation, rounds: number): Act | undefined {
  if (phase === 'quiet' || ruling === undefined) {
    // What nobody has committed often mends itself, and there is nothing yet to merge.
    return overlap !== undefined && (overlap.one.isCommitted || overlap.other.isCommitted)
      ? { kind: 'round', round: 1, overlap }
      : undefined
  }
  // In the middle of a merge the overlap may be gone for a moment.
  if (overlap === undefined) return rests[ruling.yields] === undefined ? undefined : { kind: 'settle', ruling }
  const isOver = [overlap.one, overlap.other].every(({ handle, head }) => rests[handle] === head)
  if (phase === 'escalated' || !isOver) return undefined
  return round < rounds ? { kind: 'round', round: round + 1, overlap } : { kind: 'escalate', overlap, ruling }
}

/** `told`: who is to do something now, and is at rest only after that. */
export function beginRound(
  negotiation: Negotiation,
  begun: { round: number; ruling: Ruling; told: readonly string[]; tried: string },
): Negotiation {
  const { round, ruling, told, tried } = begun
  const rests = Object.fromEntries(Object.entries(negotiation.rests).filter(([handle]) => !told.includes(handle)))
  return { ...negotiation, phase: 'open', round, ruling, rests, tried: [...negotiation.tried, tried] }
}

export function escalate(negotiation: Negotiation): Negotiation {
  return { ...negotiation, phase: 'escalated' }
}

/** An overlap that comes back is a new one. */
export function settle({ rests }: Negotiation): Negotiation {
  return { ...QUIET, rests }
}
