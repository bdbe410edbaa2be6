import type { TaskStatus } from '../../../src/protocol/task-status.ts'

/** A status like a daemon's, with what the test is about. */
export function taskStatus(task: string, more: Partial<TaskStatus> = {}): TaskStatus {
  return {
    schema: 1,
    handle: `app.${task}`,
    project: 'app',
    repository: '/repos/app',
    task,
    title: `Do ${task}`,
    kind: 'backlog',
    needs: [],
    branch: `feature/${task}`,
    worktree: `/repos/app-wt-${task}`,
    target: 'main',
    status: 'Working',
    reason: 'waiting for the model',
    isWaitingForHuman: more.status === 'Needs you' || more.status === 'Failed',
    source: 'protocol',
    since: '2026-01-02T10:00:00.000Z',
    seenAt: '2026-01-02T10:00:00.000Z',
    createdAt: '2026-01-02T09:00:00.000Z',
    attempt: 1,
    costUsd: 0.1,
    tokens: { input: 0, output: 0, cacheRead: 0, cacheCreation: 0 },
    requests: [],
    messages: [],
    ...more,
  }
}
