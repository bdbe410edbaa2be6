import type { Stage } from '../tasks/stage.ts'

type Shown = { readonly status: 'Working' | 'Needs you'; readonly reason: string; readonly next?: string; readonly source: 'orch' }
type FeatureStage = Extract<Stage, { kind: 'feature' }>

/** Nobody works any more, and not all are ready. */
export function isStuck({ working, stuck }: FeatureStage): boolean {
  return working.length === 0 && stuck.length > 0
}

export function featureWords(name: string, stage: FeatureStage): Shown {
  const { phase, working, ready, stuck } = stage
  const [first] = stuck
  const parts = [
    ...stuck.map(({ department, reason }) => `${department} is stuck: ${reason}`),
    ...(working.length > 0 ? [`${working.join(', ')} at work`] : []),
    ...(ready.length > 0 ? [`${ready.join(', ')} ready`] : []),
  ]
  const words = { reason: `${phase}: ${parts.join('; ') || 'beginning'}`, source: 'orch' } as const
  if (!isStuck(stage) || first === undefined) return { status: 'Working', ...words }
  return { status: 'Needs you', ...words, next: `orch send ${name}.${first.department} "…"   or   orch logs ${name}.${first.department}` }
}
