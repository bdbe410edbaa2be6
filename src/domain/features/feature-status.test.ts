import { expect, test } from 'vitest'
import { deriveStatus } from '../tasks/task-status.ts'

const stage = { kind: 'feature', phase: 'departments', working: [], ready: [], stuck: [] } as const
const stuck = [{ department: 'web', reason: 'Which colour?' }]

test('a feature works as long as one of its parts does, and says who is stuck', () => {
  expect(deriveStatus('shop.pay', { ...stage, working: ['api'], stuck, ready: ['docs'] }, 0, undefined)).toMatchObject({
    status: 'Working',
    reason: 'departments: web is stuck: Which colour?; api at work; docs ready',
    isWaitingForHuman: false,
  })
  expect(deriveStatus('shop.pay', stage, 0, undefined)).toMatchObject({ status: 'Working', reason: 'departments: beginning' })
})

test('it needs a person when nobody works any more', () => {
  expect(deriveStatus('shop.pay', { ...stage, stuck, ready: ['api'] }, 0, undefined)).toMatchObject({
    status: 'Needs you',
    next: 'orch send shop.pay.web "…"   or   orch logs shop.pay.web',
    isWaitingForHuman: true,
  })
})
