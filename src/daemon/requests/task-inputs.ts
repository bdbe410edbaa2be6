import { basename, dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { Failure } from '../../foundation/failure.ts'
import { toHandle, type TaskId } from '../../foundation/brand.ts'
import { branchName, freeName, timestampName, worktreeName } from '../../domain/tasks/names.ts'
import type { Task } from '../../domain/tasks/task.ts'
import type { Repository, RepositoryStanding } from '../../ports/git.ts'
import type { Config } from '../../config/options.ts'
import { contestSettings } from '../attempts/contest-settings.ts'
import type { TaskInput, TaskSettings } from '../../workflows/task-input.ts'

export interface Place {
  readonly repository: Repository
  readonly project: string
  readonly config: Config
  readonly target: string
}

export interface NewTask {
  readonly task: Task
  readonly kind: TaskInput['kind']
  readonly backlog?: string
  readonly base?: string
  readonly priority: number
  readonly environment: string
  readonly land?: 'auto' | 'review'
  readonly attempts?: number
  readonly accept?: number
  readonly conversation?: string
  readonly request?: string
  readonly now: number
  /** Branches and worktree paths of other tasks. */
  readonly isTaken: (branch: string, worktree: string) => boolean
}

/** A repository in which work can begin. Failures: `unborn`, `no-target`. */
export function requirePlace(repository: Repository, standing: RepositoryStanding, project: string, config: Config): Place {
  if (standing.isUnborn) {
    throw new Failure('unborn', `${repository.root} has no commit yet, so there is nothing to branch from`, {
      next: 'git commit --allow-empty -m "Begin"',
    })
  }
  const target = config.target ?? standing.defaultBranch
  if (target === undefined) {
    throw new Failure('no-target', 'no branch to land on: HEAD is detached and there is no main, master or origin/HEAD', {
      next: 'orch config set target <branch>',
    })
  }
  return { repository, project, config, target }
}

/** A task's input with its names fixed for good: branch and worktree are chosen once and recorded. */
export function toTaskInput(place: Place, wanted: NewTask): TaskInput {
  const { task } = wanted
  const { config } = place
  const values = { repo: basename(place.repository.root).replace(/\.git$/, ''), task: task.id, timestamp: timestampName(wanted.now) }
  const branchTemplate = wanted.kind === 'quick' ? config.quickBranch : config.branch
  const folder = dirname(place.repository.root)
  const plainBranch = branchName(branchTemplate, values)
  const plainFolder = worktreeName(config.worktree, values)
  const suffix = freeName('', (tail) => isTaken(plainBranch + tail, join(folder, plainFolder + tail)))
  const namesOf = (tail: string) => ({ branch: plainBranch + tail, worktree: join(folder, plainFolder + tail) })
  const contest = contestSettings(config, wanted, (number) =>
    namesOf(
      freeName(`${suffix}-${number}`, (tail) => {
        const names = namesOf(tail)
        return isTaken(names.branch, names.worktree)
      }),
    ),
  )
  return {
    handle: toHandle(place.project, task.id),
    project: place.project,
    repository: place.repository.root,
    kind: wanted.kind,
    task: {
      id: task.id,
      title: task.title,
      body: task.body,
      needs: task.needs,
      owns: task.owns,
      ...(task.department !== undefined && { department: task.department }),
    },
    ...(wanted.backlog !== undefined && { backlog: wanted.backlog }),
    branch: plainBranch + suffix,
    worktree: join(folder, plainFolder + suffix),
    target: place.target,
    ...(wanted.base !== undefined && { base: wanted.base }),
    priority: wanted.priority,
    environment: wanted.environment,
    settings: toSettings(config, task, wanted),
    ...(contest !== undefined && { contest }),
    ...(wanted.conversation !== undefined && { conversation: wanted.conversation }),
    ...(wanted.request !== undefined && { request: wanted.request }),
    createdAt: wanted.now,
  }

  function isTaken(branch: string, worktree: string): boolean {
    return wanted.isTaken(branch, worktree) || existsSync(worktree)
  }
}

function toSettings(config: Config, task: Task, wanted: NewTask): TaskSettings {
  const model = task.model ?? config.model
  const budgetUsd = task.budgetUsd ?? config.budgetUsd
  const validate = task.validate ?? config.validate
  return {
    agent: config.agent,
    claudePath: config.claudePath,
    ...(model !== undefined && { model }),
    ...(budgetUsd !== undefined && { budgetUsd }),
    retries: task.retries ?? config.retries,
    copy: config.copy,
    ...(config.setup !== undefined && { setup: config.setup }),
    setupTimeoutMs: config.setupTimeoutMs,
    ...(validate !== undefined && { validate }),
    validateTimeoutMs: config.validateTimeoutMs,
    land: wanted.land ?? (wanted.kind === 'backlog' ? config.land : 'review'),
    tick: config.tick,
    permissions: { allow: config.allow, ask: config.ask, deny: config.deny },
    nudgeAfterMs: config.nudgeAfterMs,
    stallAfterMs: config.stallAfterMs,
    ...(config.tools !== undefined && { tools: config.tools }),
    parkAfterMs: config.parkAfterMs,
    gates: config.gates,
    ...(task.owns.length > 0 && { ownership: config.ownership }),
    max: config.max,
    strategy: config.strategy,
    hooks: config.hooks,
    slots: config.slots,
    pool: config.pool,
    shareDependencies: config.shareDependencies,
  }
}

/** A task that stands in no backlog. */
export function looseTask(id: TaskId, title: string, body: string): Task {
  return { id, title, body, needs: [], owns: [] }
}
