import { Failure } from '../../foundation/failure.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

/** A task's input and the run that carries it: enough to answer for the task after its run has ended. */
export interface TaskRecord {
  readonly runId: string
  readonly generation: number
  readonly input: TaskInput
}

/** Of a file of our own, so only what would break us is looked at: torn by a crash, or another program's. */
export function parseTaskRecord(value: unknown): TaskRecord {
  const record = value as Partial<TaskRecord> | null
  const { handle, task, settings, createdAt } = (record?.input ?? {}) as Partial<TaskInput>
  const isSound =
    typeof record?.runId === 'string' &&
    typeof record.generation === 'number' &&
    typeof handle === 'string' &&
    typeof task?.id === 'string' &&
    settings !== undefined &&
    typeof createdAt === 'number'
  if (!isSound) throw new Failure('unreadable-file', 'it is no task')
  return record as TaskRecord
}
