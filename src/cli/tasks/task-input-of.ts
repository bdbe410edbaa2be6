import { join } from 'node:path'
import { homeAt, sessionFolder } from '../../config/home.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { textOf } from './plain-files.ts'

/** What the task was started with, of a file of orch's own; one that is torn says nothing. */
export function taskInputOf(home: string, handle: string): TaskInput | undefined {
  try {
    const { input } = JSON.parse(textOf(join(sessionFolder(homeAt(home), handle), 'task.json'))) as { input?: TaskInput }
    return input
  } catch {
    return undefined
  }
}
