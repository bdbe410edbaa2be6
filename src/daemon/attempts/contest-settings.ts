import type { Task } from '../../domain/tasks/task.ts'
import type { Config } from '../../config/options.ts'
import type { AttemptSettings, ContestSettings, TaskInput } from '../../workflows/task-input.ts'

export interface Wanted {
  readonly task: Task
  readonly kind: TaskInput['kind']
  /** What the person typed; it counts before the backlog and the configuration. */
  readonly attempts?: number
  readonly accept?: number
}

type Names = Pick<AttemptSettings, 'branch' | 'worktree'>

/** Undefined where one session does the task. `nameOf` answers free names of this number's branch and worktree. */
export function contestSettings(config: Config, wanted: Wanted, nameOf: (number: number) => Names): ContestSettings | undefined {
  const { task } = wanted
  const models = task.attemptModels ?? config.attemptModels
  const count = wanted.attempts ?? task.attempts ?? config.attempts
  // A person's own session is one, and there is nothing to compare with a single one.
  if (wanted.kind === 'manual' || count < 2) return undefined
  const accept = wanted.accept ?? config.accept
  return {
    attempts: Array.from({ length: count }, (_, index) => {
      const [model, prompt] = [models[index % models.length], config.attemptPrompts[index % config.attemptPrompts.length]]
      return { number: index + 1, ...nameOf(index + 1), ...(model !== undefined && { model }), ...(prompt !== undefined && { prompt }) }
    }),
    take: config.take,
    ...(accept !== undefined && { accept }),
  }
}
