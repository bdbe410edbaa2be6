import type { Department, FeatureSettings } from '../../domain/features/department.ts'
import { phaseIn } from '../../domain/features/choose-departments.ts'
import { isDepartmentName } from '../../foundation/brand.ts'
import { invariant } from '../../foundation/invariant.ts'
import type { PartSettings, TaskInput, TaskSettings } from '../task-input.ts'

/** What one department's task is started with: a worktree of its own at this commit, its own settings; it stops when it is ready. */
export function partInput(
  input: TaskInput,
  feature: FeatureSettings,
  run: string,
  { department, base, merges }: { readonly department: Department; readonly base: string; readonly merges?: PartSettings['merges'] },
): TaskInput {
  const { feature: _its, backlog: _landsWithIt, request: _also, contest: _none, ...common } = input
  const { name } = department
  const names = feature.names[name]
  invariant(names !== undefined && isDepartmentName(name), 'every department has its names')
  const phase = phaseIn(department, feature.phases)
  return {
    ...common,
    handle: `${input.handle}.${name}`,
    kind: 'part',
    task: { ...input.task, id: `${input.task.id}.${name}`, needs: [], owns: department.owns, department: name },
    branch: names.branch,
    worktree: names.worktree,
    base,
    settings: settingsOf(input.settings, feature, department),
    part: {
      feature: input.handle,
      run,
      phase,
      department,
      departments: feature.departments,
      contracts: feature.contracts,
      // Whoever makes all fit together has to reach into all.
      ownership: phase === 'integration' ? 'warn' : feature.ownership,
      hasDiscovery: feature.phases.discovery && phase !== 'integration',
      hasReviews: feature.phases.reviews,
      reviewRounds: feature.reviewRounds,
      brief: feature.briefs[name] ?? input.task.body,
      reviewerPrompt: feature.reviewerPrompt,
      ...(merges !== undefined && { merges }),
    },
  }
}

function settingsOf(settings: TaskSettings, feature: FeatureSettings, department: Department): TaskSettings {
  const { budgetUsd: all, ...same } = settings
  // What the feature may cost is what all of them may cost.
  const budgetUsd = department.budgetUsd ?? (all === undefined ? undefined : all / feature.departments.length)
  const { model, tools, permissionMode, subagents, agent } = department
  return {
    ...same,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(model !== undefined && { model }),
    ...(tools !== undefined && { tools }),
    ...(permissionMode !== undefined && { permissionMode }),
    ...(subagents !== undefined && { subagents }),
    ...(agent !== undefined && { agent }),
    land: 'review',
  }
}
