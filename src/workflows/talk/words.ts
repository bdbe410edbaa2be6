import type { TaskId } from '../../foundation/brand.ts'
import { commandLine } from '../../domain/queue/step.ts'
import { partFirstPrompt, type PartFacts } from '../../domain/features/part-prompts.ts'
import * as prompts from '../../domain/tasks/prompts.ts'
import type { Breakage } from '../../domain/queue/entry.ts'
import type { Task } from '../../domain/tasks/task.ts'
import type { DecidedLeave } from '../life/leaves.ts'
import { retriesOf, type PartSettings, type TaskInput } from '../task-input.ts'
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
    const { part } = this.#input
    return part === undefined ? prompts.firstPrompt(this.#facts) : partFirstPrompt(partFacts(this.#facts, part))
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

  /** After a person had the conversation in their own terminal. */
  returned(): string {
    return prompts.returnedPrompt({ task: this.#facts.task })
  }

  /** After a process that was ended while it waited for a person. */
  leaveDecided(decided: readonly DecidedLeave[]): string {
    return prompts.leaveDecidedPrompt({ task: this.#facts.task, decided })
  }

  /** Others wait for this, and it was about to finish. */
  unanswered(asked: readonly prompts.OpenQuestion[]): string {
    return prompts.unansweredPrompt({ task: this.#facts.task, asked })
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

  failed(verdict: Verdict, failures: number): string {
    return prompts.validationFailedPrompt({
      task: this.#facts.task,
      command: verdict.line ?? this.#facts.validate ?? '',
      exit: verdict.exit === 'stopped' ? 'timeout' : verdict.exit,
      output: verdict.tail === '' ? verdict.summary : verdict.tail,
      number: failures,
      most: retriesOf(this.#input.settings) + 1,
    })
  }

  /** What the queue proved, with what it takes to see it. */
  sentBack(breakage: Breakage): string {
    return prompts.brokenMergePrompt({ task: this.#facts.task, target: this.#input.target, breakage })
  }
}

export function taskFacts(input: TaskInput): prompts.TaskFacts {
  const { settings } = input
  const task: Task = { ...input.task, id: input.task.id as TaskId, needs: input.task.needs.map((need) => need as TaskId) }
  const validate = commandLine(settings.validate)
  return {
    task,
    branch: input.branch,
    target: input.target,
    ...(validate !== undefined && { validate }),
    ...(input.part !== undefined && { brief: input.part.brief }),
    ...(settings.gates !== undefined && { gates: settings.gates }),
  }
}

function partFacts({ task, validate }: prompts.TaskFacts, part: PartSettings): PartFacts {
  const { department, departments, hasDiscovery, merges } = part
  return {
    task: task.id,
    title: task.title,
    department: department.name,
    colleagues: departments.map(({ name }) => name).filter((name) => name !== department.name),
    hasDiscovery,
    ...(validate !== undefined && { validate }),
    unmerged: merges?.unmerged ?? [],
  }
}
