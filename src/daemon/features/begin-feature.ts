import { departmentsInText, phaseIn, reviewersOf } from '../../domain/features/choose-departments.ts'
import type { FeatureSettings } from '../../domain/features/department.ts'
import { taskIdOfName } from '../../domain/tasks/names.ts'
import { Failure } from '../../foundation/failure.ts'
import { invariant } from '../../foundation/invariant.ts'
import { plainLine } from '../../foundation/text.ts'
import type { FeatureRequest } from '../../protocol/requests.ts'
import type { FeatureResponse, PlannedPart } from '../../protocol/responses.ts'
import { partInput } from '../../workflows/feature/part-input.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { openPlace } from '../requests/open-place.ts'
import type { RequestParts } from '../requests/parts.ts'
import { takenBy } from '../requests/run-backlog.ts'
import { preview, refuseTaken, requireCommit } from '../requests/spawn.ts'
import { startTask } from '../requests/start-task.ts'
import { looseTask, type Place } from '../requests/task-inputs.ts'
import { featureInput } from './feature-input.ts'

/** `orch feature`: makes a feature known with all names of its parts, and starts it. Returns as soon as that is recorded. */
export async function beginFeature(parts: RequestParts, request: FeatureRequest): Promise<FeatureResponse> {
  const place = await openPlace(parts, request.cwd, request.environment)
  const isDryRun = request.isDryRun ?? false
  const input = await parts.starts.take(() => start(parts, request, place, isDryRun))
  return { task: parts.roster.status(input.handle) ?? preview(input), ...planOf(input), notes: notesOf(place, request), isDryRun }
}

/** The feature of this very request if it was asked before (its connection broke), else a new one. */
async function start(parts: RequestParts, request: FeatureRequest, place: Place, isDryRun: boolean): Promise<TaskInput> {
  const known = request.id === undefined ? undefined : parts.roster.records().find(({ input }) => input.request === request.id)
  if (known !== undefined) {
    await parts.engine.start('task', known.input, { id: known.runId })
    return known.input
  }
  const input = await newFeature(parts, request, place, isDryRun)
  if (!isDryRun) await startTask(parts, input)
  return input
}

async function newFeature(parts: RequestParts, request: FeatureRequest, place: Place, isDryRun: boolean): Promise<TaskInput> {
  const { text, names } = departmentsInText(request.text.trim())
  if (text === '')
    throw new Failure('no-goal', 'the feature says nothing of what is wanted', {
      safe: 'nothing was started',
      next: 'orch feature "Add payments" -d backend,frontend',
    })
  const [first = '', ...rest] = text.split('\n')
  const title = plainLine(first, 120)
  const id = taskIdOfName(request.name ?? title)
  refuseTaken(parts, place, id)
  refuseFormer(parts, `${place.project}.${id}`)
  await requireCommit(place, request.base)
  const isCut = plainLine(first, 1000) !== title
  const task = {
    ...looseTask(id, title || id, isCut ? text : rest.join('\n').trim()),
    ...(request.model !== undefined && { model: request.model }),
    ...(request.budgetUsd !== undefined && { budgetUsd: request.budgetUsd }),
    ...(request.validate !== undefined && { validate: request.validate }),
  }
  const [environment, isTaken] = await Promise.all([isDryRun ? '' : parts.environments.keep(request.environment), takenBy(parts, place)])
  const wanted = {
    task,
    ...(request.base !== undefined && { base: request.base }),
    ...(request.land !== undefined && { land: request.land }),
    priority: 0,
    environment,
    ...(request.id !== undefined && { request: request.id }),
    now: parts.clock.now(),
    isTaken,
  }
  return featureInput(
    place,
    request,
    wanted,
    request.departments !== undefined && request.departments.length > 0 ? request.departments : names,
  )
}

/** The decisions, messages and gates of a feature are under its name: another one would go on with them. Failure `name-used`. */
function refuseFormer({ roster }: RequestParts, handle: string): void {
  const former = roster.status(handle)
  if (former?.kind !== 'feature') return
  throw new Failure(
    'name-used',
    `${handle} was a feature already (${former.status}: ${former.reason}), and what was decided in it is kept under this name`,
    {
      safe: 'nothing was started',
      next: `orch feature "…" --name ${former.task}-2   or   orch report ${handle} for what it was`,
    },
  )
}

/** What becomes of it, in the order in which it begins. */
function planOf(input: TaskInput): Pick<FeatureResponse, 'parts' | 'phases' | 'gates' | 'land'> {
  const { feature, settings } = input
  invariant(feature !== undefined, 'it was begun as a feature')
  return {
    phases: feature.phases,
    gates: (settings.gates ?? []).map(({ name }) => name),
    land: settings.land,
    parts: feature.departments.map((department) => plannedPart(input, feature, department)),
  }
}

function plannedPart(input: TaskInput, feature: FeatureSettings, department: FeatureSettings['departments'][number]): PlannedPart {
  const { handle, branch, worktree, settings } = partInput(input, feature, '', { department, base: '' })
  return {
    handle,
    department: department.name,
    phase: phaseIn(department, feature.phases),
    branch,
    worktree,
    owns: department.owns,
    reviewers: feature.phases.reviews ? reviewersOf(department, feature.departments) : [],
    ...(settings.model !== undefined && { model: settings.model }),
    ...(settings.budgetUsd !== undefined && { budgetUsd: settings.budgetUsd }),
  }
}

function notesOf({ config }: Place, { validate }: FeatureRequest): readonly string[] {
  return config.validate === undefined && validate === undefined
    ? [
        'no validation is configured: a department is ready when it says so, and only `orch merge` lands them (orch config set validate "…")',
      ]
    : []
}
