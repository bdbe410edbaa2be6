import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { commandLine } from '../../domain/queue/step.ts'
import { BUILT_IN_DEPARTMENTS } from '../../domain/features/built-in-departments.ts'
import { chooseDepartments } from '../../domain/features/choose-departments.ts'
import { departmentBrief } from '../../domain/features/department-brief.ts'
import type { Department, FeatureSettings, Phases } from '../../domain/features/department.ts'
import { branchName, freeName, timestampName, worktreeName } from '../../domain/tasks/names.ts'
import type { Config } from '../../config/options.ts'
import { Failure } from '../../foundation/failure.ts'
import { nearest } from '../../foundation/suggestion.ts'
import type { FeatureRequest } from '../../protocol/requests.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { type NewTask, type Place, toTaskInput } from '../requests/task-inputs.ts'
import { loadPrompt, loadReviewerPrompt } from './prompts.ts'

/** The input of a feature's run: its departments, with their names and what they are told, fixed for good. */
export async function featureInput(
  place: Place,
  request: Pick<FeatureRequest, 'without' | 'budgetUsd'>,
  wanted: Omit<NewTask, 'kind'>,
  named: readonly string[],
): Promise<TaskInput> {
  const { config } = place
  const chosen = chooseDepartments({
    named,
    configured: config.departments,
    usual: config.featureDepartments,
    phases: phasesOf(config, request.without ?? []),
  })
  if (chosen.kind === 'refused') throw new Failure(chosen.code, chosen.reason, { safe: 'nothing was started', next: chosen.next })
  refuseOwnerless(config)
  const { departments, phases } = chosen
  const input = toTaskInput(place, { ...wanted, kind: 'feature', attempts: 1 })
  const names = namesOf(place, wanted, departments)
  const feature: FeatureSettings = {
    departments,
    phases,
    contracts: config.contracts,
    ownership: config.ownership,
    reviewRounds: config.reviewRounds,
    negotiationRounds: config.negotiationRounds,
    names,
    briefs: Object.fromEntries(
      await Promise.all(
        departments.map(async (department) => [department.name, await briefOf(place, input, departments, department, names)] as const),
      ),
    ),
    reviewerPrompt: await loadReviewerPrompt(place.repository.root, config.departments),
  }
  return { ...input, feature }
}

/** What belongs to nobody could be changed by nobody. Failure `unknown-department`. */
function refuseOwnerless({ contracts, departments }: Config): void {
  const names = [...new Set([...departments.map(({ name }) => name), ...BUILT_IN_DEPARTMENTS])]
  const contract = contracts.find(({ owner }) => !names.includes(owner))
  if (contract === undefined) return
  const meant = nearest(contract.owner, names)
  throw new Failure('unknown-department', `"${contract.owner}", the owner of the contract ${contract.files.join(', ')}, is no department`, {
    safe: 'nothing was started',
    next: meant === undefined ? 'mend `contracts` in orch.yaml' : `did you mean ${meant}? mend \`contracts\` in orch.yaml`,
  })
}

function phasesOf(config: Config, without: readonly string[]): Phases {
  const isOn = (phase: string, said: 'on' | 'off'): boolean => said === 'on' && !without.includes(phase)
  return {
    foundation: isOn('foundation', config.foundationPhase),
    discovery: isOn('discovery', config.discoveryPhase),
    reviews: isOn('reviews', config.reviewsPhase),
    integration: isOn('integration', config.integrationPhase),
  }
}

/** `dept/backend/pay`, and the worktree as the template says for a task `pay-backend`. */
function namesOf(
  place: Place,
  { task, now, isTaken }: Omit<NewTask, 'kind'>,
  departments: readonly Department[],
): FeatureSettings['names'] {
  const { root } = place.repository
  const values = { repo: basename(root).replace(/\.git$/, ''), timestamp: timestampName(now) }
  return Object.fromEntries(
    departments.map(({ name }) => {
      const plainBranch = branchName(`dept/${name}/{task}`, { ...values, task: task.id })
      const folder = join(dirname(root), worktreeName(place.config.worktree, { ...values, task: `${task.id}-${name}` }))
      const tail = freeName('', (suffix) => isTaken(plainBranch + suffix, folder + suffix) || existsSync(folder + suffix))
      return [name, { branch: plainBranch + tail, worktree: folder + tail }]
    }),
  )
}

async function briefOf(
  { repository, config }: Place,
  { task, target, settings }: TaskInput,
  departments: readonly Department[],
  department: Department,
  names: FeatureSettings['names'],
): Promise<string> {
  const validate = commandLine(settings.validate)
  return departmentBrief(await loadPrompt(repository.root, department), {
    feature: task.id,
    task: task.body === '' ? task.title : `${task.title}\n\n${task.body}`,
    department,
    departments,
    contracts: config.contracts,
    branch: names[department.name]?.branch ?? '',
    target,
    ...(validate !== undefined && { validate }),
  })
}
