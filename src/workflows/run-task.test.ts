import { expect, test } from 'vitest'
import { testEngine } from '../../test/support/engine.ts'
import { until } from '../../test/support/eventually.ts'
import { Failure } from '../foundation/failure.ts'
import type { MergeEntry } from '../domain/merging/merge-entry.ts'
import type { Stage } from '../domain/tasks/stage.ts'
import type { Engine } from '../ports/engine.ts'
import { NEWS, type News } from './news.ts'
import { defineTask } from './run-task.ts'
import { defineSeat, landingQueue, sessionQueue } from './seat.ts'
import type { CommandOutcome, Services, TaskNote } from './services.ts'
import type { TaskInput } from './task-input.ts'

test('a failure of the world is shown, holds nothing, and the person may try again', async () => {
  const scene = await Scene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  expect(scene.stages.get('a')).toMatchObject({
    code: 'disk-full',
    reason: 'setup: no space',
    next: expect.stringContaining('orch resume app.a'),
  })
  scene.failing.delete('setup')
  await scene.tell('a', { kind: 'resume' })
  await scene.untilStage('a', 'manual')
})

test('a landing that fails gives its seat back, so that it and others can land', async () => {
  const scene = await Scene.begin()
  await scene.start('a')
  await scene.start('b')
  await scene.untilStage('a', 'manual')
  await scene.untilStage('b', 'manual')
  scene.failing.add('candidate')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'refused', { what: 'the refusal of a' })
  expect(scene.reports.get('a')).toMatchObject({ code: 'disk-full' })
  scene.failing.delete('candidate')
  await scene.tell('b', { kind: 'merge', merge: 'm2' })
  await scene.untilStage('b', 'merged')
  await scene.tell('a', { kind: 'merge', merge: 'm3' })
  await scene.untilStage('a', 'merged')
})

test('a landing is reported when the task is seen as merged, so that a cleanup may follow', async () => {
  const scene = await Scene.begin()
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  const seen: (Stage['kind'] | undefined)[] = []
  scene.onReport = ({ outcome }) => outcome === 'landed' && seen.push(scene.stages.get('a')?.kind)
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => seen.length > 0, { what: 'the report' })
  expect(seen).toEqual(['merged'])
})

test('what fails after the landing takes nothing back and is told', async () => {
  const scene = await Scene.begin()
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  scene.failing.add('tick')
  scene.failing.add('stop')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await scene.untilStage('a', 'merged')
  expect(scene.notes.join('\n')).toMatch(/could not stop the session: stop: no space[\s\S]*could not tick the box: tick: no space/)
})

test('what was left out of the worktree is told once, and its state is known before the first turn', async () => {
  const scene = await Scene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  expect(scene.notes).toEqual(['starts from the local main: offline', '.env was not copied: too large'])
  expect(scene.facts).toMatchObject({ lastCommit: { subject: 'Begin' }, uncommitted: 0 })
})

test('the base stays what it was, whatever lands meanwhile', async () => {
  const scene = await Scene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  scene.base = 'f'.repeat(40)
  scene.failing.clear()
  await scene.tell('a', { kind: 'resume' })
  await scene.untilStage('a', 'manual')
  expect(new Set(scene.ensuredFrom)).toEqual(new Set(['b'.repeat(40)]))
})

test('a task that is given up in its trouble ends as archived', async () => {
  const scene = await Scene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  await scene.tell('a', { kind: 'discard', reason: 'not wanted' })
  await scene.untilStage('a', 'archived')
})

test('the set-up command prepares the merged tree before it is validated', async () => {
  const scene = await Scene.begin({ validate: 'check' })
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await scene.untilStage('a', 'merged')
  expect(scene.commands).toEqual([
    'setup: make in /wt/a',
    'validate: check in /wt/a',
    'setup-merged: make in /candidate',
    'validate: check in /candidate',
  ])
})

test('a set-up that fails in the merged tree refuses the landing in its own words', async () => {
  const scene = await Scene.begin({ validate: 'check' })
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  scene.failingCommands.add('setup-merged')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'refused', { what: 'the refusal' })
  expect(scene.reports.get('a')).toMatchObject({
    code: 'failed-merged',
    reason: expect.stringContaining('the setup command failed in the merged tree: make ended with 1'),
  })
  expect(scene.commands.at(-1)).toBe('setup-merged: make in /candidate')
})

test('a task that is made known and not started yet keeps none of the others from hearing of a landing', async () => {
  const scene = await Scene.begin()
  await scene.start('a')
  await scene.start('b')
  await scene.untilStage('a', 'manual')
  scene.dependents = ['app.unstarted#1', 'app.b#1']
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  expect(await scene.ended('a')).toEqual({ kind: 'landed', commit: 'd'.repeat(40) })
})

class Scene {
  dependents: readonly string[] = []
  /** What the world fails at. */
  readonly failing = new Set<'setup' | 'candidate' | 'tick' | 'stop'>()
  readonly stages = new Map<string, Stage>()
  readonly reports = new Map<string, MergeEntry>()
  onReport: (entry: MergeEntry) => unknown = () => undefined
  readonly notes: string[] = []
  facts: TaskNote = {}
  readonly ensuredFrom: string[] = []
  readonly commands: string[] = []
  readonly failingCommands = new Set<string>()
  readonly #more: Partial<TaskInput['settings']>
  base = 'b'.repeat(40)
  readonly #engine: Engine
  #count = 0

  static async begin(more: Partial<TaskInput['settings']> = {}): Promise<Scene> {
    const engine = testEngine()
    const scene = new Scene(engine, more)
    engine.queue(sessionQueue('app'), { concurrency: 1 })
    engine.queue(landingQueue('app'), { concurrency: 1 })
    defineSeat(engine)
    defineTask(engine, scene.#services())
    await engine.launch()
    return scene
  }

  private constructor(engine: Engine, more: Partial<TaskInput['settings']>) {
    this.#more = more
    this.#engine = engine
  }

  async start(id: string): Promise<void> {
    const task = { id, title: id, body: '', needs: [], owns: [] }
    const settings = { setup: 'make', attempts: 1, tick: 'never', land: 'review', max: 1, ...this.#more }
    await this.#engine.start(
      'task',
      {
        handle: `app.${id}`,
        project: 'app',
        repository: '/repo',
        kind: 'manual',
        task,
        branch: `feature/${id}`,
        worktree: `/wt/${id}`,
        target: 'main',
        priority: 0,
        environment: 'e',
        settings,
        createdAt: 1,
      },
      { id: `app.${id}#1` },
    )
  }

  tell(id: string, news: News): Promise<void> {
    return this.#engine.send(`app.${id}#1`, NEWS, news, `news ${(this.#count += 1)}`)
  }

  async ended(id: string): Promise<unknown> {
    return (await this.#engine.start('task', null, { id: `app.${id}#1` })).result()
  }

  untilStage(id: string, kind: Stage['kind']): Promise<unknown> {
    return until(() => this.stages.get(id)?.kind === kind, { what: `${id} is ${kind}` })
  }

  #run({ name, line, cwd }: { name: string; line: string; cwd: string }, may: () => void): CommandOutcome {
    if (name === 'setup') may()
    this.commands.push(`${name}: ${line} in ${cwd}`)
    const exit = this.failingCommands.has(name) ? 1 : 0
    return { isPassed: exit === 0, summary: exit === 0 ? '' : `${line} ended with 1`, tail: '', file: '', exit }
  }

  #services(): Services {
    const may = (what: 'setup' | 'candidate' | 'tick' | 'stop'): void => {
      if (this.failing.has(what)) throw new Failure('disk-full', `${what}: no space`)
    }
    const head = 'a'.repeat(40)
    const repository = {
      inspectWorktree: async (path: string) => ({ head, branch: `feature/${path.slice(-1)}`, uncommitted: [] }),
      targetTip: async () => ({ commit: 'c'.repeat(40), isWaiting: false }),
      isAncestor: async () => false,
      buildCandidate: async () => (may('candidate'), { commit: 'd'.repeat(40), tree: head }),
      land: async () => ({ kind: 'landed', commit: 'd'.repeat(40) }),
    }
    const services = {
      now: () => 1,
      recallEnded: () => undefined,
      stableId: (text: string) => text,
      repository: async () => repository,
      manual: { command: async () => ({ command: 'cd /wt/a && claude', again: 'cd /wt/a && claude --resume=1' }) },
      sessions: { stop: async () => may('stop') },
      roster: {
        setStage: (input: TaskInput, stage: Stage) => this.stages.set(input.task.id, stage),
        note: (_input: TaskInput, facts: TaskNote) => {
          this.facts = { ...this.facts, ...facts }
          if (facts.message !== undefined) this.notes.push(facts.message.text)
        },
        needs: async () => ({ pending: [], failed: [] }),
        dependents: () => this.dependents,
      },
      worktrees: {
        base: async () => ({ commit: this.base, note: 'starts from the local main: offline' }),
        ensure: async (_input: TaskInput, base: string) => (
          this.ensuredFrom.push(base),
          { lastCommit: { sha: base, subject: 'Begin', at: 1 }, notes: ['.env was not copied: too large'] }
        ),
        ensureCandidate: async () => ({ path: '/candidate' }),
        tickFile: async () => may('tick'),
      },
      commands: { run: async (command: { name: string; line: string; cwd: string }) => this.#run(command, () => may('setup')) },
      merges: { report: (_merge: string, entry: MergeEntry) => (this.reports.set(entry.handle.slice(-1), entry), this.onReport(entry)) },
      audit: { expect: () => undefined },
    }
    return services as unknown as Services
  }
}
