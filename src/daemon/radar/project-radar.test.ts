import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeAt } from '../../config/home.ts'
import { SWEEP_MS } from '../../domain/radar/attention.ts'
import { parseSha, type Sha } from '../../foundation/brand.ts'
import type { OpenRadar, PairOverlap, SnapshotRequest } from '../../ports/radar.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { ProjectRadar } from './project-radar.ts'

const head = parseSha('a'.repeat(40)) as Sha

/** Everything but git is real; git says what the test lets it see. */
class Scene {
  readonly clock = new ManualClock()
  readonly looks: (readonly SnapshotRequest[])[] = []
  readonly published: string[] = []
  readonly reported: string[] = []
  readonly errors: unknown[] = []
  readonly home = homeAt(temporaryFolder())
  live: TaskStatus[] = [taskStatus('api'), taskStatus('web')]
  pairs: PairOverlap[] = []
  isOn = true
  failure: Error | undefined
  opened = 0

  start(): ProjectRadar {
    const open: OpenRadar = {
      snapshotWorktrees: async (requests) => {
        this.looks.push(requests)
        if (this.failure !== undefined) throw this.failure
        return requests.map(({ path }) => ({ path, gitFolder: this.home.root, head, commit: head, uncommitted: [], isPartial: false }))
      },
      overlaps: async () => this.pairs,
      tipOf: async () => head,
      close: async () => {
        this.opened = 0
      },
    }
    return new ProjectRadar(
      {
        home: this.home,
        clock: this.clock,
        source: { open: async () => (this.opened++, open) },
        live: () => this.live,
        publish: (handle, facts) => this.published.push(`${handle} ${facts.length}`),
        report: (project, facts) => this.reported.push(`${project} ${facts.length}`),
        isOn: async () => this.isOn,
        logError: (error) => this.errors.push(error),
      },
      'app',
      '/repos/app',
    )
  }

  /** Lets time go by until it has looked so often. */
  async untilLooks(looks: number, stepMs = 300): Promise<void> {
    const hasLooked = async (): Promise<boolean> => {
      if (this.looks.length < looks) await this.clock.advance(stepMs)
      return this.looks.length >= looks
    }
    await until(hasLooked, { what: `look ${looks}` })
  }
}

const overlap: PairOverlap = {
  one: '/repos/app-wt-api',
  other: { kind: 'worktree', path: '/repos/app-wt-web' },
  files: [{ path: 'a.ts', kind: 'contents', hunks: [] }],
  fileCount: 1,
}

test('a burst of signs is one look, and only where they say', async () => {
  const scene = new Scene()
  const radar = scene.start()
  radar.wake()
  await scene.untilLooks(1)
  expect(scene.looks[0]?.map(({ changed }) => changed)).toEqual(['unknown', 'unknown'])
  for (let edit = 0; edit < 10; edit++) radar.notice('app.api', { kind: 'wrote', path: `file-${edit % 3}` })
  radar.notice('app.web', { kind: 'may-have-written' })
  radar.notice('app.nobody', { kind: 'turn-ended' })
  await scene.untilLooks(2)
  expect(scene.looks[1]?.map(({ changed }) => changed)).toEqual([['file-0', 'file-1', 'file-2'], []])
  await radar.close()
  expect(scene.opened).toBe(0)
  expect(scene.errors).toEqual([])
})

test('an idle fleet has no timer; one at work is swept after a while', async () => {
  const scene = new Scene()
  scene.live = [taskStatus('api', { status: 'Idle' })]
  const radar = scene.start()
  radar.wake()
  await scene.untilLooks(1)
  await until(() => scene.published.length > 0, { what: 'the look is over' })
  expect(scene.clock.waiting).toBe(0)
  scene.live = [taskStatus('api')]
  radar.wake()
  await scene.untilLooks(2)
  await scene.untilLooks(3, SWEEP_MS)
  expect(scene.looks[2]).toMatchObject([{ changed: 'unknown' }])
  await radar.close()
})

test('what is known survives a restart; who is gone is forgotten, and so is the radar of nobody', async () => {
  const scene = new Scene()
  scene.pairs = [overlap]
  const first = scene.start()
  const { overlaps } = await first.sweep()
  expect(scene.published).toEqual(['app.api 1', 'app.web 1'])
  expect(scene.reported).toEqual(['app 1'])
  await first.close()
  await scene.clock.advance(1000)
  const next = scene.start()
  const again = await next.sweep()
  expect(again.overlaps[0]).toMatchObject({ since: overlaps[0]?.since, seenAt: scene.clock.now() })
  scene.live = []
  expect(await next.sweep()).toMatchObject({ tasks: [], overlaps: [] })
  expect([scene.opened, next.facts]).toEqual([0, []])
  await next.close()
})

test('a look that fails is logged and made up for; one that is switched off sees nothing', async () => {
  const scene = new Scene()
  scene.failure = new Error('git is away')
  const radar = scene.start()
  radar.wake()
  await scene.untilLooks(1)
  await until(() => scene.errors.length > 0, { what: 'the failure is logged' })
  scene.failure = undefined
  radar.notice('app.api', { kind: 'wrote', path: 'a' })
  await scene.untilLooks(2)
  expect(scene.looks[1]?.map(({ changed }) => changed)).toEqual(['unknown', 'unknown'])
  scene.isOn = false
  expect(await radar.sweep()).toMatchObject({ isOn: false, tasks: [], overlaps: [] })
  expect(scene.opened).toBe(0)
  await radar.close()
})
