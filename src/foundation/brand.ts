/** A value that only its parser can make: `Brand<string, 'Sha'>` is a string that was checked to be a commit id. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

/** A full 40- or 64-digit object id. */
export type Sha = Brand<string, 'Sha'>
/** A task's id inside its project: lower-case letters, digits and single dashes, at most 60 long. */
export type TaskId = Brand<string, 'TaskId'>
/** `<project>.<task>`, `<project>.<task>.<number>` for an attempt, or `<project>.<feature>.<department>` for a part of a feature: the short handle people type and the folder name under `$ORCH_HOME/sessions`. */
export type Handle = Brand<string, 'Handle'>

export function parseSha(text: string): Sha | undefined {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? (text as Sha) : undefined
}

export function parseTaskId(text: string): TaskId | undefined {
  return text.length <= 60 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) ? (text as TaskId) : undefined
}

/** Part of handles, branch names and folders. */
export function isDepartmentName(text: string): boolean {
  return text.length <= 30 && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text)
}

/** No task that a person names has a dot, so an attempt's id is nobody else's. */
function toAttemptId(task: TaskId, number: number): TaskId {
  return `${task}.${number}` as TaskId
}

/** Of a department's part: a department's name begins with a letter, so it is no attempt's. */
function toPartId(feature: TaskId, department: string): TaskId {
  return `${feature}.${department}` as TaskId
}

/** `project` is a slug of the main worktree's folder; it has no dot, so the first dot ends it. */
export function toHandle(project: string, task: TaskId): Handle {
  return `${project}.${task}` as Handle
}

export function parseHandle(text: string): { handle: Handle; project: string; task: TaskId } | undefined {
  const dot = text.indexOf('.')
  const [, plain = '', inner] = /^(.*?)(?:\.([1-9][0-9]?|[a-z][a-z0-9-]*))?$/.exec(text.slice(dot + 1)) ?? []
  const id = parseTaskId(plain)
  const task = id === undefined || inner === undefined ? id : isDepartmentName(inner) ? toPartId(id, inner) : toAttemptId(id, Number(inner))
  if (dot < 1 || task === undefined || !/^[a-z0-9][a-z0-9_-]*$/.test(text.slice(0, dot))) return undefined
  return { handle: text as Handle, project: text.slice(0, dot), task }
}
