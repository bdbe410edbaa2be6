import type { TaskId } from '../../foundation/brand.ts'
import { nearest } from '../../foundation/suggestion.ts'
import { readAttributes } from './attributes.ts'
import type { BacklogProblem } from './backlog-problem.ts'
import { findCycles } from '../tasks/graph.ts'
import type { OutlineItem } from './outline.ts'
import { parseOutline } from './outline.ts'
import { findOverlaps } from './overlaps.ts'
import type { BacklogTask } from '../tasks/task.ts'
import { idOfTitle } from '../tasks/task-id.ts'

/** Measured: 2 MB parse in about a second on one slow core. Nobody writes more by hand. */
const LARGEST_BACKLOG_BYTES = 2_000_000
const MOST_TASKS = 5000

/** Reads a tasks.md. A file with problems is refused by `plan` and `run`; `tasks` then still holds what could be read. */
export function parseBacklog(file: Uint8Array | string): { tasks: BacklogTask[]; problems: BacklogProblem[] } {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  if (bytes.length > LARGEST_BACKLOG_BYTES) return tooLarge(`the file has ${bytes.length} bytes; at most ${LARGEST_BACKLOG_BYTES} are read`)
  const { items, malformed } = parseOutline(bytes)
  if (items.length > MOST_TASKS) return tooLarge(`the file has ${items.length} tasks; at most ${MOST_TASKS} are read`)
  const drafts = items.map(toDraft)
  const problems = drafts.flatMap((draft) => draft.problems)
  for (const { line, text } of malformed)
    problems.push({
      code: 'malformed-box',
      line: line + 1,
      message: `"${text.slice(0, 40)}" is no check box: write "[ ]", a space and the title`,
    })
  const tasks = resolveNeeds(drafts, problems)
  problems.push(...duplicateIds(tasks), ...cycles(tasks), ...findOverlaps(tasks))
  return { tasks, problems: problems.toSorted((a, b) => a.line - b.line) }
}

function tooLarge(message: string): { tasks: BacklogTask[]; problems: BacklogProblem[] } {
  return { tasks: [], problems: [{ code: 'too-large', line: 1, message }] }
}

interface Draft {
  readonly task: BacklogTask
  readonly needs: readonly string[]
  readonly needsLine: number
  readonly problems: readonly BacklogProblem[]
}

function toDraft(item: OutlineItem): Draft {
  const { attributes, lines, needsLine, problems } = readAttributes(item)
  const { id, needs = [], ...rest } = attributes
  const empty: BacklogProblem = { code: 'empty-title', line: item.line + 1, message: 'the task has no title' }
  return {
    task: {
      owns: [],
      ...rest,
      id: id ?? idOfTitle(item.title),
      title: item.title,
      body: item.body(lines),
      needs: [],
      isDone: item.isDone,
      line: item.line + 1,
      boxOffset: item.boxOffset,
    },
    needs,
    needsLine,
    problems: item.title === '' ? [...problems, empty] : problems,
  }
}

/** A need is an id, or the title that gives it. */
function resolveNeeds(drafts: readonly Draft[], problems: BacklogProblem[]): BacklogTask[] {
  const ids = new Set<string>(drafts.map(({ task }) => task.id))
  const byTitle = new Map(drafts.map(({ task }) => [task.title.toLowerCase(), task.id]))
  return drafts.map(({ task, needs, needsLine }) => {
    const resolved = new Set<TaskId>()
    for (const need of new Set(needs)) {
      const id = byTitle.get(need.toLowerCase()) ?? idOfTitle(need)
      const found = ids.has(need) ? (need as TaskId) : ids.has(id) ? id : undefined
      if (found === undefined) problems.push(unknownNeed(need, needsLine, [...ids]))
      else resolved.add(found)
    }
    return { ...task, needs: [...resolved] }
  })
}

function unknownNeed(need: string, line: number, ids: readonly string[]): BacklogProblem {
  const suggestion = nearest(need, ids)
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
  return {
    code: 'unknown-need',
    line,
    message: `needs "${need}", which no task here is called${hint}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

/** Two finished tasks of one name are history; anything else could be started, or ticked, for the other. */
function duplicateIds(tasks: readonly BacklogTask[]): BacklogProblem[] {
  const first = new Map<TaskId, BacklogTask>()
  return tasks.flatMap((task) => {
    const other = first.get(task.id)
    if (other === undefined) first.set(task.id, task)
    if (other === undefined || (other.isDone && task.isDone)) return []
    return [
      {
        code: 'duplicate-id' as const,
        line: task.line,
        otherLines: [other.line],
        message: `"${task.id}" is also the id of line ${other.line}; give one of them an "id:"`,
      },
    ]
  })
}

function cycles(tasks: readonly BacklogTask[]): BacklogProblem[] {
  const lineOf = new Map(tasks.map((task) => [task.id, task.line]))
  return findCycles(tasks).map((path) => {
    const lines = path.map((id) => lineOf.get(id) ?? 0)
    return {
      code: 'cycle',
      line: Math.min(...lines),
      otherLines: lines,
      path,
      message: `these tasks need each other: ${[...path, path[0]].join(' → ')}`,
    }
  })
}
