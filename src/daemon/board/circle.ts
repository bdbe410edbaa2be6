import { HUMAN } from '../../domain/board/message.ts'
import type { Circle } from '../../domain/board/party.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'

/** Who is around this task. */
export function circleOf(roster: Pick<Roster, 'records' | 'stage'>, input: TaskInput): Circle {
  const feature = featureOf(input)
  return {
    project: input.project,
    self: input.handle,
    ...(feature !== undefined && { feature }),
    departments: departmentsOf(input),
    ...tasksOf(roster, inputsOf(roster, input.project)),
  }
}

/** Who is around the person who speaks to a project; `feature` is a handle or the id of one. */
export function personCircle(roster: Pick<Roster, 'records' | 'stage'>, project: string, feature?: string): Circle {
  const inputs = inputsOf(roster, project)
  const lead = inputs.find(({ handle, task }) => feature !== undefined && (handle === feature || task.id === feature))
  return {
    project,
    self: HUMAN,
    ...(lead?.feature !== undefined && { feature: lead.handle }),
    departments: lead === undefined ? [] : departmentsOf(lead),
    ...tasksOf(roster, inputs),
  }
}

function inputsOf(roster: Pick<Roster, 'records'>, project: string): readonly TaskInput[] {
  return roster.records().flatMap(({ input }) => (input.project === project ? [input] : []))
}

/** A feature has no session: its parts hear for it. What a contest hears it passes on to its attempts. */
function tasksOf(roster: Pick<Roster, 'stage'>, inputs: readonly TaskInput[]): Pick<Circle, 'known' | 'live' | 'parts'> {
  const hearing = inputs.filter(({ feature, attemptOf }) => feature === undefined && attemptOf === undefined)
  const features = inputs.filter(({ feature }) => feature !== undefined)
  return {
    known: inputs.map(({ handle }) => handle),
    live: hearing.flatMap(({ handle }) => (goneBecause(roster, handle) === undefined ? [handle] : [])),
    parts: new Map(features.map((lead) => [lead.handle, departmentsOf(lead).map((name) => `${lead.handle}.${name}`)])),
  }
}

/** Handle of the feature that a task leads or is part of. */
export function featureOf(input: TaskInput): string | undefined {
  return input.part?.feature ?? (input.feature === undefined ? undefined : input.handle)
}

/** Why a task will never hear anything again, in words. */
export function goneBecause(roster: Pick<Roster, 'stage'>, handle: string): string | undefined {
  const stage = roster.stage(handle)?.kind
  if (stage === 'merged') return 'it has landed'
  return stage === 'archived' ? 'it was given up' : undefined
}

/** Tasks that will never hear anything again. */
export function endedTasks(roster: Pick<Roster, 'records' | 'stage'>): ReadonlySet<string> {
  const handles = roster.records().map(({ input }) => input.handle)
  return new Set(handles.filter((handle) => goneBecause(roster, handle) !== undefined))
}

function departmentsOf({ part, feature }: TaskInput): readonly string[] {
  return (part?.departments ?? feature?.departments ?? []).map(({ name }) => name)
}
