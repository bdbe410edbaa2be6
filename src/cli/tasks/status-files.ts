import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { isTaskStatus } from '../../protocol/task-status-check.ts'

/**
 * The statuses as the daemon left them on disk: no daemon, no schema library, so that `orch status` is quick.
 * What is torn or foreign is skipped and named, never fatal.
 */
export function loadStatuses(home: string): { tasks: readonly TaskStatus[]; skipped: readonly string[] } {
  const folder = join(home, 'sessions')
  const tasks: TaskStatus[] = []
  const skipped: string[] = []
  for (const name of folderNames(folder)) {
    const read = readStatus(join(folder, name, 'status.json'))
    if (read === 'unreadable') skipped.push(name)
    else if (read !== 'absent') tasks.push(read)
  }
  return { tasks, skipped }
}

function folderNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch {
    return []
  }
}

function readStatus(path: string): TaskStatus | 'absent' | 'unreadable' {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isTaskStatus(value) ? value : 'unreadable'
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unreadable'
  }
}
