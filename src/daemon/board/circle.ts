import { HUMAN } from '../../domain/board/message.ts'
import type { Circle } from '../../domain/board/party.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'

/** Who is around this task. */
export function circleOf(roster: Pick<Roster, 'records' | 'stage'>, input: TaskInput): Circle {
  const feature = featureOf(input)
  const known = roster
    .records()
    .filter((record) => record.input.project === input.project)
    .map((record) => record.input.handle)
  return {
    project: input.project,
    self: input.handle,
    ...(feature !== undefined && { feature }),
    departments: departmentsOf(input),
    known,
    live: known.filter((handle) => goneBecause(roster, handle) === undefined),
  }
}

/** Who is around the person who speaks to a project; `feature` is a handle or the id of one. */
export function personCircle(roster: Pick<Roster, 'records' | 'stage'>, project: string, feature?: string): Circle {
  const inputs = roster.records().flatMap(({ input }) => (input.project === project ? [input] : []))
  const lead = inputs.find(({ handle, task }) => feature !== undefined && (handle === feature || task.id === feature))
  const known = inputs.map(({ handle }) => handle)
  return {
    project,
    self: HUMAN,
    ...(lead?.feature !== undefined && { feature: lead.handle }),
    departments: lead === undefined ? [] : departmentsOf(lead),
    known,
    live: known.filter((handle) => goneBecause(roster, handle) === undefined),
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
