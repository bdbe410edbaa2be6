import { answerCommands } from '../../domain/tasks/task-status.ts'
import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { monitorTable } from './monitor-table.ts'
import type { MonitorView } from './monitor-table.ts'
import { statusLine } from './status-line.ts'
import { ageOf, byUrgency, countedOnce, requestQuestion } from '../../protocol/urgency.ts'
import { flagsOf } from './urgency.ts'
import type { Warnings } from './urgency.ts'

/** The whole answer of `orch monitor`: line, table, what is needed, what was said, and one thing to do next. */
export function monitorPage(tasks: readonly TaskStatus[], view: MonitorView): string {
  const shown = tasks.filter((task) => task.status !== 'Archived')
  if (shown.length === 0) return 'No sessions here.\nNext: `orch run` starts the tasks of your backlog, `orch spawn NAME "…"` one more.'
  const blocks = [
    [...new Set(shown.map((task) => task.project))]
      .map((project) =>
        statusLine(
          project,
          tasks.filter((task) => task.project === project),
        ),
      )
      .join('\n'),
    monitorTable(shown, view),
    needsBlock(shown),
    messagesBlock(shown, view.now),
    `Suggestion: ${suggestion(shown, view.now, view.warnings)}`,
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function needsBlock(tasks: readonly TaskStatus[]): string {
  const lines = byUrgency(countedOnce(tasks)).flatMap((task) => {
    const name = plainLine(task.handle, 80)
    const asked = task.requests.flatMap(({ id, ...request }) => [
      `  ${name}: ${requestQuestion(request)}`,
      `    ${plainLine(answerCommands(id, request.questions), 200)}`,
    ])
    if (asked.length > 0) return asked
    if (task.status !== 'Needs you' && task.status !== 'Failed') return []
    return [`  ${name}: ${plainLine(task.reason)}`, ...(task.next === undefined ? [] : [`    ${plainLine(task.next)}`])]
  })
  return lines.length === 0 ? '' : ['Needs you:', ...lines].join('\n')
}

const MESSAGES_SHOWN = 8

function messagesBlock(tasks: readonly TaskStatus[], now: number): string {
  const messages = tasks.flatMap((task) => task.messages.map((message) => ({ ...message, handle: task.handle })))
  const newest = messages.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-MESSAGES_SHOWN)
  if (newest.length === 0) return ''
  return [
    'Messages:',
    ...newest.map(
      (message) =>
        `  ${plainLine(message.handle, 80)}, ${ageOf(message.at, now)} ago (${plainLine(message.kind, 20)}): ${plainLine(message.text)}`,
    ),
  ].join('\n')
}

/** One next step: the one that unblocks most. */
export function suggestion(all: readonly TaskStatus[], now: number, warnings: Warnings): string {
  const tasks = countedOnce(all)
  const first = (matches: (task: TaskStatus) => boolean) => byUrgency(tasks).find(matches)
  const asking = first((task) => task.requests.length > 0)
  if (asking !== undefined) {
    const [request] = asking.requests
    return `answer ${plainLine(asking.handle, 80)}: ${plainLine(answerCommands(request?.id ?? '', request?.questions))}`
  }
  const needy = first((task) => task.status === 'Needs you')
  if (needy !== undefined)
    return plainLine(needy.next ?? `look at ${needy.handle}: \`orch logs ${needy.handle}\`, then \`orch send ${needy.handle} "…"\`.`)
  const ready = tasks.filter((task) => task.status === 'Review' && task.isWaitingForHuman)
  if (ready.length > 0)
    return `${ready.length === 1 ? `${plainLine(ready[0]?.handle ?? '', 80)} is` : `${ready.length} tasks are`} ready: \`orch merge ${ready.length === 1 ? plainLine(ready[0]?.handle ?? '', 80) : '--all'}\`.`
  const stale = first((task) => flagsOf(task, now, warnings).some((flag) => flag !== 'old-worktree'))
  if (stale !== undefined)
    return `${plainLine(stale.handle, 80)} has been quiet for ${ageOf(stale.since, now)}: \`orch send ${plainLine(stale.handle, 80)} "…"\`, or give it up with \`orch cleanup ${plainLine(stale.handle, 80)} --abandon "why"\`.`
  const failed = first((task) => task.status === 'Failed')
  if (failed !== undefined) return plainLine(failed.next ?? `see why ${failed.handle} failed: \`orch logs ${failed.handle}\`.`)
  if (tasks.some((task) => task.status === 'Merged')) return '`orch cleanup` removes the worktrees of landed work.'
  return 'nothing needs you; `orch wait` returns when something does.'
}
