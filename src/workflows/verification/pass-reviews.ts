import type { Clearance } from '../landing/clearance.ts'
import type { TaskLife } from '../life/task-life.ts'

export async function passReviews(_life: TaskLife, _commit: string): Promise<Clearance> {
  return { kind: 'clear' }
}
