import type { SessionEvent } from '../../../domain/sessions/session-event.ts'

interface StartedTask {
  readonly task_id: string
  readonly task_type?: string | null | undefined
  readonly tool_use_id?: string | null | undefined
}

/**
 * Which subagents work. Newer versions print the whole list at every change; older ones only beginnings and ends.
 * A shell in the background (a development server) is none: it may run for ever, and the session is idle all the same.
 */
export class OpenSubagents {
  readonly #open = new Map<string, string | undefined>()
  #hasLists = false

  replace(tasks: readonly StartedTask[], at: number): SessionEvent[] {
    this.#hasLists = true
    return this.#change(at, () => {
      this.#open.clear()
      for (const task of tasks) if (isSubagent(task)) this.#open.set(task.task_id, undefined)
    })
  }

  begin(task: StartedTask, at: number): SessionEvent[] {
    if (this.#hasLists || !isSubagent(task)) return []
    return this.#change(at, () => this.#open.set(task.task_id, task.tool_use_id ?? undefined))
  }

  end(taskId: string, at: number): SessionEvent[] {
    return this.#hasLists ? [] : this.#change(at, () => this.#open.delete(taskId))
  }

  /** A subagent in the foreground is over with its tool call. */
  endOf(toolUseId: string, at: number): SessionEvent[] {
    const task = [...this.#open].find(([, startedBy]) => startedBy === toolUseId)
    return task === undefined ? [] : this.end(task[0], at)
  }

  #change(at: number, change: () => void): SessionEvent[] {
    const before = this.#open.size
    change()
    return this.#open.size === before ? [] : [{ type: 'subagents', at, running: this.#open.size }]
  }
}

function isSubagent(task: StartedTask): boolean {
  return task.task_type !== 'local_bash'
}
