import { expect, test } from 'vitest'
import type { BoardMessage } from '../board/message.ts'
import { contractChange } from './contract-change.ts'

const parts = new Map(['api', 'ui', 'docs'].map((department) => [department, `p.f.${department}`]))
const contracts = [{ files: ['src/contracts/**'], owner: 'api' }]
const need = (from: string, to: string, paths: readonly string[]): BoardMessage => ({
  id: 'm1',
  kind: 'need',
  from,
  to: [to],
  text: '',
  about: { paths },
  project: 'p',
  writtenAt: 1,
  takenAt: 1,
  hops: 0,
  source: '',
})
const change = (more: Partial<Parameters<typeof contractChange>[0]> = {}) =>
  contractChange({ contracts, owner: 'api', changed: ['src/contracts/pay.ts', 'src/a.ts'], parts, messages: [], ...more })

test('only what its owner changes under a contract is announced', () => {
  expect(change({ changed: ['src/a.ts'] })).toBeUndefined()
  expect(change({ owner: 'ui' })).toBeUndefined()
  expect(change()).toEqual({ files: ['src/contracts/pay.ts'], needing: [], others: ['p.f.ui', 'p.f.docs'] })
})

test('who needs it gets it: by configuration, by a need of its owner, by a need of these paths; then nobody else hears of it', () => {
  expect(change({ contracts: [{ files: ['src/contracts/**'], owner: 'api', neededBy: ['docs', 'api'] }] })).toMatchObject({
    needing: ['p.f.docs'],
    others: [],
  })
  expect(change({ messages: [need('p.f.ui', 'p.f.api', [])] })?.needing).toEqual(['p.f.ui'])
  expect(change({ messages: [need('p.f.docs', 'p.f.ui', ['src/contracts/pay.ts'])] })?.needing).toEqual(['p.f.docs'])
  // One that needs something else of somebody else does not.
  expect(change({ messages: [need('p.f.docs', 'p.f.ui', ['src/ui'])] })?.others).toHaveLength(2)
  // Nor one that is no part of the feature.
  expect(change({ messages: [need('p.other', 'p.f.api', [])] })).toMatchObject({ needing: [], others: ['p.f.ui', 'p.f.docs'] })
})
