import { delimiter } from 'node:path'
import type { Department } from '../../domain/features/department.ts'
import { answerSchema } from '../../domain/verification/answer.ts'
import type { Home } from '../../config/home.ts'
import type { SessionSpec } from '../../ports/agent.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { ReviewPlan } from './review-folders.ts'
import type { ReviewGround } from './review-ground.ts'

export interface ReviewerParts {
  /** The author's. */
  readonly input: TaskInput
  readonly by: Department
  readonly commit: string
  readonly folder: string
  readonly plan: ReviewPlan
  readonly ground: Pick<ReviewGround, 'tree' | 'material' | 'diff'>
  readonly environment: Readonly<Record<string, string>>
  readonly home: Home
}

/** Everything that a reviewing process is started with. */
export function reviewerSpec({ input, by, commit, folder, plan, ground, environment, home }: ReviewerParts): SessionSpec {
  const { settings, handle } = reviewerInput(input, by)
  return {
    folder,
    conversationId: plan.conversationId,
    begin: plan.begin,
    handle: `${handle}.${by.name}-review`,
    worktree: ground.tree,
    branchRef: NO_BRANCH,
    protectedPaths: [input.repository, input.worktree],
    environment: {
      ...environment,
      PATH: [home.bin, environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
      ORCH_BRANCH: NO_BRANCH,
      ORCH_WORKTREE: ground.tree,
      ORCH_REVIEW_COMMIT: commit,
      ORCH_REVIEW_DIFF: ground.diff,
    },
    instructions: `You review a commit for orch as the department ${by.name}. You only read. Answer with the structured output.`,
    permissions: { allow: [], ask: [], deny: settings.permissions.deny },
    isReadOnly: true,
    readablePaths: [ground.material],
    outputSchema: answerSchema,
    ...(settings.model !== undefined && { model: settings.model }),
    ...(by.budgetUsd !== undefined && { budgetUsd: by.budgetUsd }),
    ...(typeof settings.agent === 'object' && { argv: settings.agent.command }),
  }
}

/** No ref can have this name, so the guard admits none. */
const NO_BRANCH = '..'

/** The author's task with the reviewer's agent and model: what the author's department has of its own is not the reviewer's. */
export function reviewerInput(input: TaskInput, by: Department): TaskInput {
  const author = input.part?.department
  const { agent, model, ...settings } = input.settings
  const itsAgent = by.agent ?? (author?.agent === undefined ? agent : 'claude-code')
  const itsModel = by.model ?? (author?.model === undefined ? model : undefined)
  return { ...input, settings: { ...settings, agent: itsAgent, ...(itsModel !== undefined && { model: itsModel }) } }
}
