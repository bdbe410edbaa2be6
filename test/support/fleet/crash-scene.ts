import { existsSync, readdirSync, readFileSync, statSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { CleanupResponse } from '../../../src/protocol/responses.ts'
import { until } from '../eventually.ts'
import type { FleetScene } from './fleet.ts'
import { repositoryState, type RepositoryState } from './repository-state.ts'

/** What crash tests do to a scene, and what must hold whenever one is over. */
export class CrashScene {
  readonly scene: FleetScene
  readonly #before: RepositoryState
  readonly #tasks: readonly string[] | undefined

  /** `tasks`: where they stand in no backlog. */
  constructor(scene: FleetScene, tasks?: readonly string[]) {
    this.scene = scene
    this.#tasks = tasks
    this.#before = repositoryState(scene.repository)
  }

  /** Starts the backlog however often the daemon dies over it. */
  async startBacklog(restart: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        const answer = await this.scene.startBacklog()
        expect(answer, JSON.stringify(answer)).toHaveProperty('started')
        return
      } catch (error) {
        await this.#requireDead(error)
        await restart()
      }
    }
  }

  /** Bytes of the journal and requests of the model: they only grow, and only when something happened. */
  progress(): { readonly journal: number; readonly requests: number } {
    const requests = this.scene.model.requests.filter((request) => request.role === 'session').length
    return { journal: statSync(this.#journal, { throwIfNoEntry: false })?.size ?? 0, requests }
  }

  get isOver(): boolean {
    return this.tasks().every((task) => this.scene.status(task)?.status === 'Merged')
  }

  tasks(): readonly string[] {
    if (this.#tasks !== undefined) return this.#tasks
    return [...readFileSync(join(this.scene.repository, 'tasks.md'), 'utf8').matchAll(/id: (\S+)/g)].map((found) => found[1] ?? '')
  }

  /** kill -9 in the very moment at which the journal or the model server has got so far. */
  async killDaemonAt(fits: (progress: { journal: number; requests: number }) => boolean, deadlineMs = 30_000): Promise<void> {
    const { daemonPid } = this.scene
    let isKilled = false
    const look = (): void => {
      if (isKilled || daemonPid === undefined || !fits(this.progress())) return
      isKilled = true
      process.kill(daemonPid, 'SIGKILL')
    }
    const watcher: FSWatcher = watch(this.#journal, look)
    const forget = this.scene.model.onRequest(look)
    try {
      await until(() => (look(), isKilled), { what: 'the moment to kill the daemon', deadlineMs })
      await this.scene.killDaemon()
    } catch (cause) {
      throw new Error(this.describe(), { cause })
    } finally {
      watcher.close()
      forget()
    }
  }

  async untilDeadOrOver(deadlineMs = 10_000): Promise<void> {
    await until(() => this.isOver || !this.scene.isDaemonAlive, { what: 'the daemon dies or is done', deadlineMs }).catch(
      (cause: unknown) => {
        throw new Error(this.describe(), { cause })
      },
    )
  }

  async untilLanded(): Promise<void> {
    await this.scene.untilStatus(this.tasks(), 'Merged').catch((cause: unknown) => {
      throw new Error(this.describe(), { cause })
    })
  }

  /** What to look at when nothing moves any more. */
  describe(): string {
    return this.tasks()
      .map(
        (task) =>
          `${task}: ${this.scene.status(task)?.status} (${this.scene.status(task)?.reason}); processes ${this.processes(task)
            .map((one) => one.name)
            .join(' ')}`,
      )
      .join('\n')
  }

  /** Agent processes ever started for the task, oldest first. */
  processes(task: string): { readonly name: string; readonly folder: string }[] {
    const parent = join(this.scene.orch.orchHome, 'sessions', `repo.${task}`)
    const names = existsSync(parent) ? readdirSync(parent).filter((name) => /^\d+\.\d+$/.test(name)) : []
    const sorted = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    return sorted.map((name) => ({ name, folder: join(parent, name) })).filter(({ folder }) => existsSync(join(folder, 'pid')))
  }

  /** One merge commit with the task's trailer each, one tick each, and a clean checkout that stands on it. */
  async expectLandedOnce(): Promise<void> {
    const landed = (await this.scene.git('log', '--merges', '--format=%(trailers:key=Orch-Task,valueonly,separator=%x20)', 'main')).split(
      '\n',
    )
    expect(landed.toSorted()).toEqual(
      this.tasks()
        .map((task) => `repo.${task}`)
        .toSorted(),
    )
    const backlog = await this.scene.git('show', 'main:tasks.md')
    expect(backlog.match(/^- \[x\] /gm)?.length).toBe(this.tasks().length)
    expect(backlog).not.toContain('[ ]')
    const ticks = (await this.scene.git('log', '--first-parent', '--format=%H', 'main', '--', 'tasks.md')).split('\n')
    expect(ticks).toHaveLength(this.tasks().length + 1)
    expect(await this.scene.git('status', '--porcelain')).toBe('')
  }

  /** A process of an attempt began only after the one before had ended and everything of it was gone. */
  expectOneProcessAtATime(most = 1): void {
    for (const task of this.tasks()) {
      const all = this.processes(task)
      expect(all.length, `${task} was started as ${all.map(({ name }) => name).join(', ')}`).toBeLessThanOrEqual(most)
      all.slice(1).forEach(({ name, folder }, index) => {
        const before = all[index]?.folder ?? ''
        const begun = statSync(join(folder, 'pid')).mtimeMs
        expect(statSync(join(before, 'reaped')).mtimeMs, `${task} ${name} began before the last process was gone`).toBeLessThanOrEqual(
          begun,
        )
      })
    }
  }

  /** Nothing is left but the archive: asked again until it is done, should the daemon die over it. */
  async cleanUp(restart: () => Promise<void> = () => Promise.reject(new Error('the daemon died'))): Promise<void> {
    for (;;) {
      try {
        const answer = await this.scene.call<CleanupResponse>('POST', '/v1/cleanup', { cwd: this.scene.repository, names: [], isAll: true })
        expect(
          answer.entries?.filter((entry) => entry.outcome !== 'removed'),
          JSON.stringify(answer),
        ).toEqual([])
        break
      } catch (error) {
        await this.#requireDead(error)
        await restart()
      }
    }
    await until(() => this.tasks().every((task) => this.scene.status(task)?.status === 'Archived'), { what: 'all is archived' })
    const after = repositoryState(this.scene.repository)
    expect(after).toEqual({ ...this.#before, refs: { ...this.#before.refs, 'refs/heads/main': after.refs['refs/heads/main'] } })
    await until(() => readdirSync(this.scene.orch.folder).toString() === 'repo', { what: 'no worktree and no trash beside the repository' })
  }

  /** The connection breaks a moment before we hear of the death. */
  async #requireDead(error: unknown): Promise<void> {
    await until(() => !this.scene.isDaemonAlive, { what: 'the daemon is dead', deadlineMs: 1000 }).catch(() => {
      throw error
    })
  }

  get #journal(): string {
    return join(this.scene.orch.orchHome, 'journal', 'events.jsonl')
  }
}
