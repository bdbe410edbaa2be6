import { hasLimits, type Bounds } from '../../domain/features/ownership.ts'
import type { TaskInput } from '../task-input.ts'

/**
 * What this task may change; undefined where nothing limits it. Foundation and integration without `owns` of their own work while no other
 * department does, so nothing is anybody else's then.
 */
export function boundsOf({ task, part, settings, kind }: TaskInput): Bounds | undefined {
  if (part === undefined) {
    // What a person does by hand is theirs.
    if (kind === 'manual' || settings.ownership === undefined || task.owns.length === 0) return undefined
    return { mode: settings.ownership, owns: task.owns, others: [], contracts: [] }
  }
  const { department, departments, contracts, phase } = part
  if (phase !== 'departments' && department.owns.length === 0) return undefined
  const others = departments.filter(({ name }) => name !== department.name)
  const bounds = { mode: part.ownership, owns: department.owns, department: department.name, others, contracts }
  return hasLimits(bounds) ? bounds : undefined
}
