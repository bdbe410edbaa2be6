import { type Standing, standingWords } from '../../domain/attempts/standing.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Entrant, Entrants } from './entrants.ts'

/** `attempt 2 of 3 is best (0.91): npm test passed; attempt 1: 0.74; attempt 3 did not finish: asks which colour`. */
export function proposal(best: Entrant, entrants: Entrants): string {
  const others = entrants.all
    .filter((entrant) => entrant !== best)
    .map((entrant) => `attempt ${entrant.number}${otherWords(entrant, entrants)}`)
  const score = scoreWords(entrants.scoreOf(best.number))
  return [`attempt ${best.number} of ${entrants.all.length} is best (${score}): ${standingWords(entrants.standing(best))}`, ...others].join(
    '; ',
  )
}

function otherWords(entrant: Entrant, entrants: Entrants): string {
  const standing = entrants.standing(entrant)
  return standing.kind === 'ready' ? `: ${scoreWords(entrants.scoreOf(entrant.number))}` : ` did not finish: ${standingWords(standing)}`
}

/** Why another one was taken. */
export function notKept(entrant: Entrant, winner: Entrant | undefined, entrants: Entrants): string {
  const [own, best] = [entrants.scoreOf(entrant.number), winner && entrants.scoreOf(winner.number)]
  const standing = entrants.standing(entrant)
  const taken = winner === undefined ? 'another attempt was taken' : `attempt ${winner.number} was taken`
  if (standing.kind !== 'ready') return `not kept: ${taken}; this one did not finish: ${standingWords(standing)}`
  return `not kept: ${taken}${own === undefined || best === undefined ? '' : ` (${scoreWords(best)} against ${scoreWords(own)})`}`
}

function scoreWords(score: number | undefined): string {
  return score === undefined ? 'no score' : score.toFixed(2)
}

/** What one thing kept all of them from is mended once for all. */
export function noneFinished(handle: string, entrants: Entrants): Stage {
  const standings = entrants.all.map((entrant) => entrants.standing(entrant))
  const codes = new Set(standings.flatMap((standing) => (standing.kind === 'stuck' ? [standing.code] : [])))
  const [code = 'no-attempt-finished', ...others] = codes
  const reasons = entrants.all.map((entrant) => `${entrant.number}: ${standingWords(entrants.standing(entrant))}`)
  return {
    kind: 'failed',
    code: others.length === 0 ? code : 'no-attempt-finished',
    reason: `no attempt finished: ${reasons.join('; ')}`,
    next: `orch attempts ${handle}   or   orch send ${handle} "…"`,
  }
}

/** Why nothing can be merged now, and what may be done. */
export function waysOut(
  handle: string,
  wanted: number | undefined,
  standing: Standing | undefined,
): { code: string; reason: string; next: string } {
  if (wanted === undefined)
    return {
      code: 'none-proposed',
      reason: 'none of its attempts is proposed yet',
      next: `orch attempts ${handle}   or   orch wait ${handle}`,
    }
  if (standing === undefined) return { code: 'unknown-attempt', reason: `it has no attempt ${wanted}`, next: `orch attempts ${handle}` }
  if (standing.kind === 'gone') return { code: 'attempt-gone', reason: `attempt ${wanted} was given up`, next: `orch attempts ${handle}` }
  return {
    code: 'still-working',
    reason: `attempt ${wanted} is still at work`,
    next: `orch wait ${handle}.${wanted}   or   orch stop ${handle}.${wanted}`,
  }
}
