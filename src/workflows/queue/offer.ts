import type { Sha } from '../../foundation/brand.ts'
import { stepsOf, type Step } from '../../domain/queue/step.ts'
import type { QueueEntry } from '../../domain/queue/entry.ts'
import { plainLine } from '../../foundation/text.ts'
import type { TaskInput, TaskSettings } from '../task-input.ts'

/** An entry with all that building, testing and landing it takes. */
export type Offer = {
  readonly entry: QueueEntry
  /** The run that hears what becomes of it. */
  readonly run: string
  readonly project: string
  /** Absolute path of the main worktree or the bare repository. */
  readonly repository: string
  readonly target: string
  /** First line of the commit that lands it. */
  readonly subject: string
  readonly trailers: Readonly<Record<string, string>>
  /** The box to tick in the same commit. */
  readonly tick?: { readonly backlog: string; readonly task: string; readonly title: string }
  /** May differ in the user's checkout: the backlog, which they edit while the fleet works. */
  readonly allowDirty: readonly string[]
  readonly settings: QueueSettings
  /** Names a stored environment. */
  readonly environment: string
  /** Ids of the entries of its group: it is taken only with all of them. */
  readonly mates?: readonly string[]
}

export type QueueSettings = {
  readonly steps: readonly Step[]
  readonly setup?: SetUpSettings
  readonly defaultTimeoutMs: number
  readonly strategy: Strategy
  readonly hooks: 'pass-by' | 'refuse'
  /** Test runs at once. */
  readonly slots: number
}

export type SetUpSettings = {
  readonly line: string
  readonly timeoutMs: number
  /** Ignored folders that may be copied from one worktree to another; absent in older journals: none. */
  readonly share?: readonly string[]
}

export type Strategy = 'merge' | 'squash' | 'rebase'

/** What a task offers at this commit. `validate` absent: as its settings say. */
export function offerOf(
  input: TaskInput,
  run: string,
  facts: {
    readonly id: string
    readonly head: Sha
    readonly at: number
    readonly priority?: number
    readonly validate?: string
    readonly session?: string
    readonly trailers?: Readonly<Record<string, string>>
    readonly group?: string
    readonly mates?: readonly string[]
  },
): Offer {
  const { settings, task } = input
  return {
    entry: {
      id: facts.id,
      name: input.handle,
      branch: input.branch,
      head: facts.head,
      priority: facts.priority ?? 0,
      needs: task.needs.map((need) => `${input.project}.${need}`),
      at: facts.at,
      ...(facts.group !== undefined && { group: facts.group }),
    },
    run,
    project: input.project,
    repository: input.repository,
    target: input.target,
    subject: `Merge ${input.feature === undefined ? input.branch : task.id}: ${plainLine(task.title)}`,
    trailers: {
      'Orch-Task': input.handle,
      ...(facts.session !== undefined && { 'Orch-Session': facts.session }),
      ...facts.trailers,
    },
    ...(input.backlog !== undefined &&
      settings.tick === 'commit' && { tick: { backlog: input.backlog, task: task.id, title: task.title } }),
    allowDirty: input.backlog === undefined ? [] : [input.backlog],
    settings: queueSettings({ ...settings, ...(facts.validate !== undefined && { validate: facts.validate }) }),
    environment: input.environment,
    ...(facts.mates !== undefined && { mates: facts.mates }),
  }
}

export function queueSettings(
  settings: Pick<TaskSettings, 'setupTimeoutMs' | 'shareDependencies' | 'validateTimeoutMs' | 'strategy' | 'slots' | 'hooks'> & {
    readonly setup?: string | undefined
    readonly validate?: TaskSettings['validate'] | undefined
  },
): QueueSettings {
  return {
    steps: stepsOf(settings.validate),
    ...(settings.setup !== undefined && { setup: setUpSettings(settings.setup, settings) }),
    defaultTimeoutMs: settings.validateTimeoutMs,
    strategy: settings.strategy ?? 'merge',
    hooks: settings.hooks ?? 'pass-by',
    slots: settings.slots ?? 1,
  }
}

function setUpSettings(
  line: string,
  { setupTimeoutMs, shareDependencies }: Pick<TaskSettings, 'setupTimeoutMs' | 'shareDependencies'>,
): SetUpSettings {
  return { line, timeoutMs: setupTimeoutMs, ...(shareDependencies !== undefined && { share: shareDependencies }) }
}

/** The same entry, to be checked by another command. */
export function validatedBy(offer: Offer, validate: string): Offer {
  return { ...offer, settings: { ...offer.settings, steps: stepsOf(validate) } }
}

/** The same entry, with another turn. */
export function prioritised(offer: Offer, priority: number): Offer {
  return { ...offer, entry: { ...offer.entry, priority } }
}

/** How a commit is tested for the entry. */
export function testingOf({ project, repository, environment, settings }: Offer) {
  const { steps, setup, defaultTimeoutMs, slots } = settings
  return { project, repository, environment, steps, ...(setup !== undefined && { setup }), defaultTimeoutMs, slots }
}

/** Offers that differ here cannot be tested together. */
export function testedLike({ target, settings }: Offer): string {
  const { steps, setup, strategy, hooks } = settings
  return JSON.stringify([target, steps, setup?.line ?? null, strategy, hooks])
}
