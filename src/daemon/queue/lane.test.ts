import { expect, test } from 'vitest'
import type { Offer } from '../../workflows/queue/offer.ts'
import { Lane } from './lane.ts'

const lane = () => new Lane({ project: 'app', repository: '/repo', target: 'main' })

function offer(id: string, mates?: readonly string[]): Offer {
  const settings = { steps: [], defaultTimeoutMs: 1, strategy: 'merge', hooks: 'pass-by', slots: 1 }
  return { entry: { id, name: id, priority: 0, needs: [], at: 1 }, target: 'main', settings, ...(mates && { mates }) } as unknown as Offer
}

function wait(of: Lane, ...offers: readonly Offer[]): void {
  for (const each of offers) of.waiting.set(each.entry.id, { offer: each, number: of.waiting.size, note: undefined, batch: undefined })
}

test('what lands together is taken only when all of it waits', () => {
  const queue = lane()
  const mates = ['a', 'b']
  wait(queue, offer('a', mates), offer('c'))
  expect(queue.nextOffers().map(({ entry }) => entry.id)).toEqual(['c'])
  wait(queue, offer('b', mates))
  expect(queue.nextOffers().map(({ entry }) => entry.id)).toEqual(['a', 'c', 'b'])
  const taken = queue.waiting.get('b')
  if (taken !== undefined) taken.batch = 'batch.1'
  expect(queue.nextOffers().map(({ entry }) => entry.id)).toEqual(['c'])
})
