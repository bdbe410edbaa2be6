import { expect, test } from 'vitest'
import { isHeld, standingOf, standingWords } from '../../domain/attempts/standing.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { FeaturePart } from '../../domain/features/feature-facts.ts'
import { notReady, workStage } from './feature-words.ts'

function part(department: string, standing: FeaturePart['standing'], reason = ''): FeaturePart {
  const phase = department === 'integration' ? 'integration' : 'departments'
  return { department, handle: `shop.pay.${department}`, branch: `dept/${department}/pay`, phase, standing, reason }
}

test('a feature that lost all its departments waits for its person, and does not seem to begin', () => {
  const integration = part('integration', 'later')
  const facts = (api: FeaturePart['standing']) => ({
    phase: 'departments' as const,
    parts: [part('web', 'gone'), part('api', api), integration],
  })
  expect(workStage(facts('gone'))).toMatchObject({ kind: 'unfinished' })
  expect(workStage(facts('working'))).toMatchObject({ kind: 'feature', working: ['api'], stuck: [] })
})

test('what is held goes on by resume, what is stuck by words, also by words that sound like it', () => {
  const next = (stage: Stage): string => {
    const standing = standingOf(stage, { verdict: undefined, elapsedMs: 0 })
    const stuck = { ...part('web', standing.kind, standingWords(standing)), isHeld: isHeld(standing) }
    return notReady('shop.pay', { phase: 'departments', parts: [stuck] }, []).next
  }
  expect(next({ kind: 'paused', by: 'pause' })).toBe('orch resume shop.pay.web')
  expect(next({ kind: 'paused', by: 'stop' })).toBe('orch resume shop.pay.web')
  expect(next({ kind: 'blocked', question: 'Which colour?' })).toBe('orch send shop.pay.web "…"')
  expect(next({ kind: 'blocked', question: 'paused by you' })).toBe('orch send shop.pay.web "…"')
})
