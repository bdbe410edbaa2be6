import type { AttemptSettings, TaskInput } from '../task-input.ts'

/** What one attempt is started with: the task itself, from the same commit as the others, in a worktree of its own; it stops at Review. */
export function attemptInput(input: TaskInput, run: string, attempt: AttemptSettings, base: string): TaskInput {
  const { contest, backlog: _landsWithTheTask, request: _theTasks, ...common } = input
  const { number, branch, worktree, model, prompt } = attempt
  const { budgetUsd } = input.settings
  return {
    ...common,
    handle: `${input.handle}.${number}`,
    task: {
      ...input.task,
      id: `${input.task.id}.${number}`,
      body: prompt === undefined ? input.task.body : `${input.task.body}\n\n${prompt}`.trim(),
      // They have landed already, and nobody is to wait for an attempt.
      needs: [],
    },
    branch,
    worktree,
    base,
    settings: {
      ...input.settings,
      ...(model !== undefined && { model }),
      // What the task may cost is what all of them may cost.
      ...(budgetUsd !== undefined && { budgetUsd: budgetUsd / Math.max(1, contest?.attempts.length ?? 1) }),
      land: 'review',
      // The person is asked once, about the one that lands.
      ...(input.settings.gates !== undefined && { gates: [] }),
    },
    attemptOf: { task: input.handle, run, number },
  }
}
