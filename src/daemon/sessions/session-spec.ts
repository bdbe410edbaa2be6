import { delimiter, join } from 'node:path'
import { contextFile, type Home } from '../../config/home.ts'
import { sessionInstructions } from '../../domain/tasks/prompts.ts'
import type { SessionSpec } from '../../ports/agent.ts'
import { taskFacts } from '../../workflows/talk/words.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { ProcessPlan } from './process-folders.ts'

/** Everything an agent process is started with. */
export function sessionSpec(
  input: TaskInput,
  plan: ProcessPlan,
  folder: string,
  environment: Readonly<Record<string, string>>,
  home: Home,
  editGuard?: string,
): SessionSpec {
  const { settings } = input
  return {
    folder,
    conversationId: plan.conversationId,
    begin: plan.begin,
    handle: input.handle,
    worktree: input.worktree,
    branchRef: `refs/heads/${input.branch}`,
    protectedPaths: [input.repository, ...homeOutsideOf(input.worktree, home)],
    environment: agentEnvironment(input, environment, home),
    ...(settings.model !== undefined && { model: settings.model }),
    ...(settings.budgetUsd !== undefined && { budgetUsd: settings.budgetUsd }),
    instructions: sessionInstructions(taskFacts(input)),
    permissions: settings.permissions,
    ...(typeof settings.agent === 'object' && { argv: settings.agent.command }),
    ...(settings.tools !== undefined && { tools: settings.tools }),
    ...(settings.permissionMode !== undefined && { permissionMode: settings.permissionMode }),
    ...(settings.subagents !== undefined && { subagents: settings.subagents }),
    hooks: { contextFile: contextFile(home, input.handle), ...(editGuard !== undefined && { editGuard }) },
  }
}

/** The person's own environment, unchanged but for `orch` on the path and the name of the only branch the session may move. */
export function agentEnvironment(input: TaskInput, environment: Readonly<Record<string, string>>, home: Home): Record<string, string> {
  return {
    ...environment,
    PATH: [home.bin, environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
    ORCH_BRANCH: input.branch,
    ORCH_TASK: input.handle,
    ORCH_WORKTREE: join(input.worktree),
  }
}

/** What orch and its person say lies there: a session that writes it would speak for them. */
function homeOutsideOf(worktree: string, { root }: Home): readonly string[] {
  return `${worktree}/`.startsWith(`${root}/`) ? [] : [root]
}
