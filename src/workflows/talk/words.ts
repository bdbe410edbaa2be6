import type { TaskId } from '../../foundation/brand.ts'
import * as prompts from '../../domain/tasks/prompts.ts'
import type { Task } from '../../domain/tasks/task.ts'
import { retriesOf, type TaskInput } from '../task-input.ts'
import type { Verdict } from '../landing/validate.ts'

/** Everything orch says to the session of a task. */
export class Words {
  readonly #input: TaskInput
  readonly #facts: prompts.TaskFacts

  constructor(input: TaskInput) {
    this.#input = input
    this.#facts = taskFacts(input)
  }

  first(): string {
    return prompts.firstPrompt(this.#facts)
  }

  /** For a conversation that takes over from one that cannot go on. */
  anew(): string {
    return `${this.first()}\n\nAn earlier session of this task worked here: see \`git log\`, \`git status\` and AGENT_NOTES.md first.`
  }

  goOn(): string {
    return `[orch task ${this.#input.task.id}] Go on with TASK.md where you stopped, and finish with \`orch done\`.`
  }

  /** `interrupted` is empty when the process died between two tools. */
  resumed(interrupted: string | undefined): string {
    return prompts.resumePrompt({ task: this.#facts.task, ...(interrupted ? { interrupted } : {}) })
  }

  nudge(hasUncommitted: boolean): string {
    return prompts.nudgePrompt({ task: this.#facts.task, hasUncommitted })
  }

  doneTooEarly(uncommitted: readonly string[], hasCommit: boolean): string {
    const reason =
      uncommitted.length > 0
        ? `there is uncommitted work: ${uncommitted.slice(0, 10).join(', ')}`
        : hasCommit
          ? 'the worktree is in the middle of another git operation or on another branch'
          : 'there is no commit on your branch yet'
    return prompts.sentBackPrompt({ task: this.#facts.task, reason: `You declared the task done, but ${reason}.` })
  }

  failed(verdict: Verdict, failures: number, merged?: { target: string; commit: string }): string {
    const text = prompts.validationFailedPrompt({
      task: this.#facts.task,
      ...(verdict.isSetup && { what: 'set-up before the validation' }),
      command: (verdict.isSetup ? this.#input.settings.setup : this.#input.settings.validate) ?? '',
      exit: verdict.exit === 'stopped' ? 'timeout' : verdict.exit,
      output: verdict.tail === '' ? verdict.summary : verdict.tail,
      number: failures,
      most: retriesOf(this.#input.settings) + 1,
    })
    if (merged === undefined) return text
    return `${text}\n\nThis is how it fails when merged with ${merged.target}: run \`git merge ${merged.commit}\` in your worktree to see it.`
  }

  conflict(target: string, commit: string, files: readonly string[]): string {
    const reason = `Your branch conflicts with ${target} in: ${files.slice(0, 20).join(', ')}. Run \`git merge ${commit}\`, keep the meaning of both sides, and commit the merge.`
    return prompts.sentBackPrompt({ task: this.#facts.task, reason })
  }
}

export function taskFacts(input: TaskInput): prompts.TaskFacts {
  const { settings } = input
  const task: Task = { ...input.task, id: input.task.id as TaskId, needs: input.task.needs.map((need) => need as TaskId) }
  return { task, branch: input.branch, target: input.target, ...(settings.validate !== undefined && { validate: settings.validate }) }
}
