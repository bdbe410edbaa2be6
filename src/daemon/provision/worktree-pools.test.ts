import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { until } from '../../../test/support/eventually.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { Git, PoolRequest, Repository } from '../../ports/git.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { WorktreePools } from './worktree-pools.ts'

const REPOSITORY = '/shop'
const COMMIT = 'a'.repeat(40) as Sha

function begin(status: Status = 'Working') {
  const clock = new ManualClock()
  const requests: PoolRequest[] = []
  const failures: unknown[] = []
  const listeners = new Set<(status: { repository: string; status: Status }) => void>()
  const task = { repository: REPOSITORY, status }
  const repository = { tendPool: (request: PoolRequest) => Promise.resolve(requests.push(request)) }
  const pools = new WorktreePools({
    clock,
    git: { open: () => Promise.resolve(repository as unknown as Repository) } satisfies Git,
    roster: {
      records: () => [{ input: { repository: REPOSITORY } as TaskInput }],
      statuses: () => [task],
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    logError: (error) => failures.push(error),
  })
  onTestFinished(() => pools.close())
  return {
    pools,
    clock,
    requests,
    failures,
    make: (work: () => Promise<unknown> = () => Promise.resolve(), pool = 2) =>
      pools.during({ repository: REPOSITORY, settings: { pool } } as TaskInput, COMMIT, work),
    change: (to: Status) => {
      task.status = to
      for (const listener of listeners) listener(task)
    },
    untilWaiting: () => until(() => clock.waiting === 1, { what: 'the pool waits for quiet' }),
    untilTended: (count: number) => until(() => requests.length === count, { what: `the pool was tended ${count} times` }),
  }
}

test('the pool is filled when no worktree has been made for a while', async () => {
  const scene = begin()
  await scene.make()
  await scene.untilWaiting()
  const made = withResolvers()
  const making = scene.make(() => made.promise)
  await until(() => scene.clock.waiting === 0, { what: 'the filling was put off' })
  await scene.clock.advance(10_000)
  expect(scene.requests).toEqual([])
  made.resolve()
  await making
  await scene.untilWaiting()
  await scene.clock.advance(10_000)
  await scene.untilTended(1)
  expect(scene.requests[0]).toMatchObject({ size: 2, commit: COMMIT })
  expect(scene.failures).toEqual([])
})

test('a filling that is under way ends when a worktree is asked for', async () => {
  const scene = begin()
  await scene.make()
  await scene.untilWaiting()
  await scene.clock.advance(10_000)
  await scene.untilTended(1)
  expect(scene.requests[0]?.signal?.aborted).toBe(false)
  await scene.make()
  expect(scene.requests[0]?.signal?.aborted).toBe(true)
})

test('the pool is emptied when nobody works any more, at the end or since a daemon that was killed', async () => {
  const scene = begin()
  await scene.make()
  await scene.untilWaiting()
  scene.change('Review')
  await scene.untilTended(1)
  const later = begin('Archived')
  later.pools.recall()
  await later.untilTended(1)
  for (const { requests } of [scene, later]) expect(requests).toMatchObject([{ size: 0 }])
})

test('no pool is kept where none is wanted', async () => {
  const scene = begin()
  await scene.make(undefined, 0)
  await scene.untilTended(1)
  expect(scene.requests).toMatchObject([{ size: 0 }])
})
