import type { Stage } from '../../domain/tasks/stage.ts'
import type { FeatureFacts, FeaturePart } from '../../domain/features/feature-facts.ts'
import type { OpenConflict } from '../negotiation/negotiations.ts'
import type { PartHead } from '../task-input.ts'

/** How its parts stand; a part that was stopped with the whole is not stuck. */
export function workStage({ phase, parts }: FeatureFacts): Stage {
  const those = (kind: FeaturePart['standing']): readonly string[] =>
    parts.filter(({ standing }) => standing === kind).map(({ department }) => department)
  const sides = parts.filter((part) => part.phase !== 'integration')
  if (sides.length > 0 && sides.every(({ standing }) => standing === 'gone'))
    return { kind: 'unfinished', reason: 'all its departments were given up; `orch cleanup --abandon` ends it' }
  const stuck = parts.filter(({ standing }) => standing === 'stuck').map(({ department, reason }) => ({ department, reason }))
  return { kind: 'feature', phase, working: those('working'), ready: those('ready'), stuck }
}

/** `ready: backend, frontend; integration: npm test passed`. */
export function readyWords({ parts }: FeatureFacts, why: string | undefined): string {
  const ready = parts.filter(({ standing }) => standing === 'ready')
  const integration = ready.find(({ phase }) => phase === 'integration')
  const others = ready.filter((part) => part !== integration)
  const names = others.map(({ department }) => department).join(', ')
  const [first] = others
  const tested = integration === undefined ? first?.reason : `integration: ${integration.reason}`
  return [`ready: ${names}`, ...(tested === undefined ? [] : [tested]), ...(why === undefined ? [] : [why])].join('; ')
}

/** Why nothing can be merged now, and what may be done. */
export function notReady(
  handle: string,
  { parts }: FeatureFacts,
  conflicts: readonly OpenConflict[],
): { code: string; reason: string; next: string } {
  const open = parts.filter(({ standing }) => standing === 'working' || standing === 'stuck' || standing === 'later')
  const stuck = open.find(({ standing }) => standing === 'stuck')
  const standings = open.map(({ department, reason: why }) => `${department}: ${why}`)
  const settling = conflicts.map(({ one, other }) => `${one} and ${other} settle a conflict`)
  const reason = `not ready: ${[...standings, ...settling].join('; ')}`
  if (conflicts.some(({ isWithPerson }) => isWithPerson)) return { code: 'not-ready', reason, next: 'orch inbox' }
  if (stuck === undefined) return { code: 'not-ready', reason, next: `orch wait ${handle}` }
  return { code: 'not-ready', reason, next: stuck.isHeld === true ? `orch resume ${stuck.handle}` : `orch send ${stuck.handle} "…"` }
}

/** Who brought what, for the commit that lands it. */
export function partsTrailer(handle: string, heads: readonly PartHead[]): string {
  return heads.map(({ department, commit }) => `${handle}.${department}@${commit}`).join(' ')
}
