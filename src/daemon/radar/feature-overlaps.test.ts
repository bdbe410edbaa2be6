import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import type { OverlapFact } from '../../domain/radar/overlap-fact.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { News } from '../../workflows/news.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { FeatureOverlaps } from './feature-overlaps.ts'

const record = (handle: string, more: object): TaskRecord =>
  ({ runId: `${handle}#1`, input: { handle, project: 'p', ...more } }) as unknown as TaskRecord
const part = (handle: string, feature: string): TaskRecord => record(handle, { part: { feature, run: `${feature}#1` } })
const fact = (one: string, other: string, head = 'c1'): OverlapFact => ({
  one: { party: { kind: 'task', handle: one }, head, work: 'committed' },
  other: { party: { kind: 'task', handle: other }, head: 'c2', work: 'committed' },
  files: [{ path: 'a.ts', kind: 'contents', hunks: [] }],
  fileCount: 1,
  since: 1,
  seenAt: 1,
  survived: 0,
})

test('each feature hears of its own parts only, all at once, and only what is new to it', async () => {
  const stages = new Map<string, Stage>()
  const told: { run: string; pairs: number }[] = []
  const errors: unknown[] = []
  let isFailing = false
  let ids = 0
  const overlaps = new FeatureOverlaps({
    roster: {
      records: () => [
        record('p.f', { feature: {} }),
        ...['a', 'b', 'c'].map((name) => part(`p.f.${name}`, 'p.f')),
        record('p.g', { feature: {} }),
        part('p.g.a', 'p.g'),
        record('q.f', { feature: {}, project: 'q' }),
      ],
      stage: (handle) => stages.get(handle),
    },
    tell: async (run: string, news: News) => {
      if (isFailing) throw new Error('disk full')
      if (news.kind === 'overlaps') told.push({ run, pairs: news.pairs.length })
    },
    newId: () => `${(ids += 1)}`,
    logError: (error) => errors.push(error),
  })
  overlaps.report('p', [fact('p.f.a', 'p.f.b'), fact('p.f.a', 'p.f.c'), fact('p.f.a', 'p.g.a')])
  expect(told).toEqual([
    { run: 'p.f#1', pairs: 2 },
    { run: 'p.g#1', pairs: 0 },
  ])
  overlaps.report('p', [fact('p.f.a', 'p.f.b'), fact('p.f.a', 'p.f.c')])
  expect(told).toHaveLength(2)
  // What could not be told is told with the next look.
  isFailing = true
  overlaps.report('p', [fact('p.f.a', 'p.f.b', 'c9')])
  await until(() => errors.length === 1, { what: 'the failure is logged' })
  isFailing = false
  overlaps.report('p', [fact('p.f.a', 'p.f.b', 'c9')])
  expect(told.slice(2)).toEqual([{ run: 'p.f#1', pairs: 1 }])
  stages.set('p.f', { kind: 'merged', commit: 'c' })
  overlaps.report('p', [])
  expect(told).toHaveLength(3)
})
