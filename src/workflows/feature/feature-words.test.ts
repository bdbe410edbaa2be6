import { expect, test } from 'vitest'
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

test('what is held goes on by resume, what is stuck by words', () => {
  const next = (reason: string): string => notReady('shop.pay', { phase: 'departments', parts: [part('web', 'stuck', reason)] }, []).next
  expect(next('paused by you')).toBe('orch resume shop.pay.web')
  expect(next('stopped by you')).toBe('orch resume shop.pay.web')
  expect(next('Which colour?')).toBe('orch send shop.pay.web "…"')
})
