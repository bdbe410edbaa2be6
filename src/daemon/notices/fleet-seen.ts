import { blocksSender, type BoardMessage, HUMAN } from '../../domain/board/message.ts'
import type { FleetSeen, TaskSeen } from '../../domain/notices/standing-notices.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import { fleetEnd } from '../../protocol/progress.ts'
import { type TaskStatus, taskAbove } from '../../protocol/task-status.ts'
import { whatWaits } from '../../protocol/what-waits.ts'
import type { MessageBoard } from '../board/message-board.ts'
import type { Roster } from '../services/roster.ts'

export interface FleetSources {
  readonly roster: Pick<Roster, 'statuses' | 'stage' | 'onChange'>
  readonly board: Pick<MessageBoard, 'messages' | 'onMessage'>
}

/** What notices are made of: the same that the inbox and the monitor show. */
export function fleetSeen({ roster, board }: FleetSources): Omit<FleetSeen, 'limit'> {
  const tasks = roster.statuses()
  const messages = [...new Set(tasks.map(({ project }) => project))].flatMap((project) => board.messages(project))
  return {
    waits: whatWaits({ tasks, messages, kept: [] }),
    tasks: tasks.map((task): TaskSeen => ({ ...task, isInner: taskAbove(task) !== undefined, stage: roster.stage(task.handle) })),
    isAtEnd: isAtEnd(tasks),
  }
}

/** What a person has paused or is asked may go on yet. */
function isAtEnd(tasks: readonly TaskStatus[]): boolean {
  const fleet = tasks.filter((task) => task.kind !== 'manual' && task.status !== 'Archived' && taskAbove(task) === undefined)
  const end = fleetEnd(fleet, 'settled')
  return end !== undefined && end.needsHuman.every(({ status }) => status === 'Queued')
}

const MOVING: ReadonlySet<Status> = new Set(['Working', 'Setting up', 'Queued'])

/** Of a status what a notice could come of: a session that works says something new many times a second. */
export function noticeable({ status, reason, since, isWaitingForHuman, requests, landedAs }: TaskStatus): string {
  const standing = MOVING.has(status) ? ['moving'] : [status, reason, since, landedAs]
  return JSON.stringify([...standing, isWaitingForHuman, requests.map(({ id }) => id)])
}

export function isNoticeable(message: BoardMessage): boolean {
  return message.inReplyTo !== undefined || (blocksSender(message) && message.to.includes(HUMAN))
}
