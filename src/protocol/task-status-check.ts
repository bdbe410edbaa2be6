import { URGENCY } from '../domain/tasks/task-status.ts'
import type { ContestFacts } from '../domain/attempts/contest-facts.ts'
import type { TaskStatus } from './task-status.ts'

const TEXTS = [
  'handle',
  'project',
  'repository',
  'task',
  'title',
  'branch',
  'target',
  'reason',
  'source',
  'since',
  'seenAt',
  'createdAt',
] as const
const TIMES = ['since', 'seenAt', 'createdAt'] as const
const LISTS = ['needs', 'requests', 'messages'] as const

/** Only what commands and a daemon that starts would stumble over; unknown fields are a newer daemon's business. */
export function isTaskStatus(value: unknown): value is TaskStatus {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Readonly<Record<string, unknown>>
  return (
    fields['schema'] === 1 &&
    TEXTS.every((name) => typeof fields[name] === 'string') &&
    LISTS.every((name) => Array.isArray(fields[name])) &&
    URGENCY.some((status) => status === fields['status']) &&
    TIMES.every((name) => !Number.isNaN(Date.parse(String(fields[name])))) &&
    typeof fields['costUsd'] === 'number' &&
    areRecords(fields['requests'], ['id', 'tool', 'summary']) &&
    areRecords(fields['messages'], ['at', 'kind', 'text']) &&
    (fields['contest'] === undefined || isContestFacts(fields['contest'])) &&
    (fields['feature'] === undefined || isFeatureFacts(fields['feature'])) &&
    (fields['lastCommit'] === undefined || areRecords([fields['lastCommit']], ['sha', 'subject', 'at']))
  )
}

/** Also of the file that is kept of a contest that is over. */
export function isContestFacts(value: unknown): value is ContestFacts {
  const attempts = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['attempts'] : undefined
  return (
    areRecords(attempts, ['handle', 'standing', 'reason']) &&
    (attempts as { number: unknown }[]).every(({ number }) => typeof number === 'number')
  )
}

function isFeatureFacts(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    areRecords((value as Record<string, unknown>)['parts'], ['handle', 'department', 'standing', 'reason'])
  )
}

function areRecords(list: unknown, names: readonly string[]): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (entry: unknown) =>
        typeof entry === 'object' && entry !== null && names.every((name) => typeof (entry as Record<string, unknown>)[name] === 'string'),
    )
  )
}
