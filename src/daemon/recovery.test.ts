import { expect, test, vi } from 'vitest'
import type { Engine, Json, RunRecord } from '../ports/engine.ts'
import type { Stage } from '../domain/tasks/stage.ts'
import { Recovery } from './recovery.ts'
import type { Roster } from './services/roster.ts'

test('a run that ended unseen says so, one that was never started is started, and who needs a landed task hears of it', async () => {
  const scene = new Scene([
    { task: 'landed', run: { status: 'done', output: { kind: 'landed', commit: 'c1' }, endedAt: 5 } },
    { task: 'given-up', run: { status: 'done', output: { kind: 'discarded', reason: 'not wanted' }, endedAt: 5 } },
    { task: 'cancelled', run: { status: 'cancelled', endedAt: 5 } },
    { task: 'broken', run: { status: 'failed', failure: { code: 'x', message: 'it broke' }, endedAt: 5 } },
    { task: 'waits', needs: ['landed', 'broken'], run: { status: 'running' } },
    { task: 'unstarted' },
  ])
  scene.recovery.recallEnded()
  scene.recovery.recallEnded()
  await scene.recovery.goOn()
  expect(scene.recalled).toEqual(['app.landed merged', 'app.given-up archived', 'app.cancelled archived', 'app.broken failed'])
  expect(scene.started).toEqual(['app.unstarted#1'])
  expect(scene.sent).toEqual(['app.waits#1 landed'])
})

test('a task that was cleaned up is archived, not merged; the next one of that name is another task', () => {
  const cleanup = (createdAt: number) => ({
    name: 'cleanup',
    status: 'done' as const,
    input: { task: { handle: 'app.done', createdAt }, reason: 'merged' },
    output: { kind: 'removed' },
  })
  const run = { status: 'done' as const, output: { kind: 'landed', commit: 'c1' }, endedAt: 5 }
  const cleaned = new Scene([{ task: 'done', run }], [cleanup(1)])
  cleaned.recovery.recallEnded()
  expect(cleaned.recalled).toEqual(['app.done merged', 'app.done archived'])
  const older = new Scene([{ task: 'done', run }], [cleanup(0)])
  older.recovery.recallEnded()
  expect(older.recalled).toEqual(['app.done merged'])
})

test('a run that this version of orch cannot repeat is shown as failed', async () => {
  const scene = new Scene([{ task: 'old', run: { status: 'running' } }])
  scene.unrepeatable.add('app.old#1')
  await scene.recovery.goOn()
  await vi.waitUntil(() => scene.recalled.length > 0)
  expect(scene.recalled).toEqual(['app.old failed'])
  await vi.waitUntil(() => scene.stopped.length > 0)
  expect(scene.stopped).toEqual(['app.old'])
})

test('also when the replay found that before anyone asked; and one that was given up since stays given up', async () => {
  const failed = { status: 'failed', failure: { code: 'nondeterministic-run', message: 'not what it was' }, endedAt: 5 } as const
  const scene = new Scene([
    { task: 'old', run: { status: 'running' } },
    { task: 'given-up', run: { status: 'running' } },
  ])
  scene.recovery.recallEnded()
  for (const task of ['old', 'given-up']) scene.ends(`app.${task}#1`, failed)
  scene.stages.set('app.given-up', 'archived')
  await scene.recovery.goOn()
  await vi.waitUntil(() => scene.stopped.length > 0)
  expect(scene.recalled).toEqual(['app.old failed'])
  expect(scene.stopped).toEqual(['app.old'])
})

test('an attempt is begun by the run of its task; one whose run cannot be repeated is no longer waited for', async () => {
  const scene = new Scene([
    { task: 'page', run: { status: 'running' } },
    { task: 'page.1', attemptOf: { task: 'app.page', run: 'app.page#1', number: 1 } },
    {
      task: 'page.2',
      attemptOf: { task: 'app.page', run: 'app.page#1', number: 2 },
      run: { status: 'failed', failure: { code: 'nondeterministic-run', message: 'not what it was' }, endedAt: 5 },
    },
  ])
  scene.recovery.recallEnded()
  await scene.recovery.goOn()
  expect(scene.started).toEqual([])
  expect(scene.sent).toEqual(['app.page#1 attempt 2 stuck'])
})

test('who was told that the queue stands still hears that a new daemon tries again', async () => {
  const scene = new Scene([
    { task: 'stuck', run: { status: 'running' } },
    { task: 'waiting', run: { status: 'running' } },
  ])
  for (const task of ['stuck', 'waiting']) scene.stages.set(`app.${task}`, 'waiting-to-land')
  scene.stoppedFor.set('app.stuck', 'main itself fails')
  await scene.recovery.goOn()
  expect(scene.sent).toEqual(['app.stuck#1 queue-goes-on'])
})

interface Known {
  readonly task: string
  readonly needs?: readonly string[]
  readonly attemptOf?: { readonly task: string; readonly run: string; readonly number: number }
  readonly run?: Partial<RunRecord>
}

class Scene {
  readonly recalled: string[] = []
  readonly stopped: string[] = []
  readonly stages = new Map<string, Stage['kind']>()
  /** Why the queue stands still for them. */
  readonly stoppedFor = new Map<string, string>()
  readonly #runs: Map<string, Partial<RunRecord>>
  readonly started: string[] = []
  readonly sent: string[] = []
  readonly unrepeatable = new Set<string>()
  readonly recovery: Recovery

  constructor(known: readonly Known[], others: readonly Partial<RunRecord>[] = []) {
    const runs = new Map<string, Partial<RunRecord>>(
      known.flatMap(({ task, run }) =>
        run === undefined
          ? []
          : [
              [
                `app.${task}#1`,
                { id: `app.${task}#1`, name: 'task', input: { handle: `app.${task}` } as unknown as Json, ...run },
              ] as const,
            ],
      ),
    )
    this.#runs = runs
    const engine: Pick<Engine, 'get' | 'list' | 'start' | 'send'> = {
      get: (id) => runs.get(id) as RunRecord | undefined,
      list: () => [...runs.values(), ...others] as RunRecord[],
      // As the port says: it starts a run, or finds the one with this id.
      start: async (_name, _input, { id }) => {
        if (!runs.has(id)) this.started.push(id)
        return { id, result: () => this.#resultOf(id) }
      },
      send: async (id, _topic, body) => void this.sent.push(`${id} ${sentWords(body)}`),
    }
    const records = known.map(({ task, needs = [], attemptOf }) => ({
      runId: `app.${task}#1`,
      generation: 1,
      input: { handle: `app.${task}`, project: 'app', createdAt: 1, task: { needs }, attemptOf },
    }))
    const roster = {
      adopt: () => false,
      records: () => records,
      record: (handle: string) => records.find((record) => record.input.handle === handle),
      stage: (handle: string) => ({ kind: this.stages.get(handle), stopped: this.stoppedFor.get(handle) }),
      recallEnd: (handle: string, stage: Stage) => (this.stages.set(handle, stage.kind), this.recalled.push(`${handle} ${stage.kind}`)),
    }
    this.recovery = new Recovery(engine as Engine, roster as unknown as Roster, async ({ handle }) => void this.stopped.push(handle))
  }

  ends(id: string, end: Partial<RunRecord>): void {
    this.#runs.set(id, { ...this.#runs.get(id), ...end })
  }

  async #resultOf(id: string): Promise<null> {
    if (this.unrepeatable.has(id))
      this.ends(id, { status: 'failed', failure: { code: 'nondeterministic-run', message: 'not what it was' }, endedAt: 9 })
    if (this.#runs.get(id)?.status === 'failed') throw new Error('not what it was')
    return null
  }
}

function sentWords(body: Json): string {
  const news = body as { kind?: string; task?: string; number?: number; standing?: { kind: string } }
  return news.kind === 'attempt' ? `attempt ${news.number} ${news.standing?.kind}` : (news.task ?? news.kind ?? '')
}
