import type { Breakage } from '../../domain/queue/entry.ts'
import { invariant } from '../../foundation/invariant.ts'
import { land, landTogether, type Asked, type Landing } from '../landing/land.ts'
import type { TaskLife } from '../life/task-life.ts'
import { Words } from '../talk/words.ts'
import { partsTrailer } from './feature-words.ts'
import { staleAmong } from './merge-parts.ts'
import type { Part, Parts } from './parts.ts'

export type FeatureLanding =
  | Extract<Landing, { kind: 'landed' | 'halted' | 'removed' }>
  /** Some part is not at the commit that was verified: it works again, or its branch was moved by somebody else, which is found when it is looked at. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'sent-back'; readonly guilty: readonly { readonly part: Part; readonly prompt: string }[] }

type Verified = { readonly part: Part; readonly name: string; readonly branch: string; readonly commit: string }

/** Offers the verified commits to the queue: that of the integration for all, or those of all parts together. */
export async function landFeature(life: TaskLife, parts: Parts, integration: Part | undefined, asked: Asked): Promise<FeatureLanding> {
  const { run, services, input } = life
  const ready = verifiedOf(parts)
  const stale = await run.step('look at the branches', () =>
    staleAmong(
      services,
      ready.map(({ name, branch, commit }) => ({ name, branch, commit })),
      input.repository,
    ),
  )
  const reason = 'its branch went on after it was verified'
  for (const { part, name } of ready) if (stale.includes(name)) parts.stands(part, { kind: 'stuck', code: 'moved', reason })
  if (stale.length > 0) {
    if (asked.merge !== undefined) refuse(life, asked.merge, stale, reason)
    return { kind: 'stale' }
  }
  const heads = ready.map(({ name, commit }) => ({ department: name, commit }))
  const isCurrent = (): boolean => ready.every(({ part, commit }) => isReadyAt(parts, part, commit))
  const facts = { ...asked, isCurrent, trailers: { 'Orch-Parts': partsTrailer(input.handle, heads) } }
  const whole = ready.find(({ part }) => part === integration)
  if (whole !== undefined) return afterAll(await land(life, whole.commit, facts), whole.part)
  // Who changed nothing has nothing to land.
  const works = ready.filter(({ part, commit }) => commit !== part.input.base)
  const landing = await landTogether(
    life,
    (works.length > 0 ? works : ready).map(({ part, commit }) => ({ input: part.input, head: commit })),
    facts,
  )
  return afterEach(landing, ready)
}

function verifiedOf(parts: Parts): readonly Verified[] {
  return parts.those('ready').flatMap((part) => {
    const standing = parts.standing(part)
    return standing.kind === 'ready' ? [{ part, name: part.name, branch: part.input.branch, commit: standing.commit }] : []
  })
}

function refuse({ services, input }: TaskLife, merge: string, stale: readonly string[], reason: string): void {
  const { handle, branch } = input
  const next = `orch send ${handle}.${stale[0] ?? ''} "…"`
  services.merges.report(merge, { handle, branch, outcome: 'refused', code: 'moved', reason: `${stale.join(', ')}: ${reason}`, next })
}

function isReadyAt(parts: Parts, part: Part, commit: string): boolean {
  const standing = parts.standing(part)
  return standing.kind === 'ready' && standing.commit === commit
}

function afterAll(landing: Landing, integration: Part): FeatureLanding {
  if (landing.kind === 'void') return { kind: 'stale' }
  if (landing.kind !== 'sent-back') return landing
  return { kind: 'sent-back', guilty: [{ part: integration, prompt: promptOf(integration, landing.breakage) }] }
}

/** Those that are sent back only because of another wait for it. */
function afterEach(landing: Landing, ready: readonly Verified[]): FeatureLanding {
  if (landing.kind === 'void') return { kind: 'stale' }
  if (landing.kind !== 'sent-back') return landing
  const each = landing.each ?? {}
  const named = ready.flatMap(({ part }) => {
    const breakage = each[part.input.handle] ?? (ready.length === 1 ? landing.breakage : undefined)
    return breakage === undefined ? [] : [{ part, breakage }]
  })
  const blamed = named.filter(({ breakage }) => breakage.kind !== 'group')
  const guilty = (blamed.length > 0 ? blamed : named).map(({ part, breakage }) => ({ part, prompt: promptOf(part, breakage) }))
  invariant(guilty.length > 0, 'somebody was sent back')
  return { kind: 'sent-back', guilty }
}

function promptOf({ input }: Part, breakage: Breakage): string {
  return new Words(input).sentBack(breakage)
}
