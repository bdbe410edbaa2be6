import type { InboxItem } from '../../../src/domain/gates/inbox-item.ts'
import type { BoardDesk, Candidate, Fleet, Preview, Said } from '../../../src/tui/board/desk.ts'
import { taskStatus } from './task-status.ts'

/** A desk whose fleet and previews the test says, and which keeps what it was asked to do. */
export class FakeDesk implements BoardDesk {
  at = Date.parse('2026-01-02T10:05:00.000Z')
  /** Command lines, joined by spaces; those that got the terminal begin with `over to`. */
  readonly asked: string[] = []
  /** What a command line says, by its beginning. */
  readonly answers = new Map<string, Said>()
  readonly followed = new Set<string>()
  /** Tasks that the person has turned to. */
  readonly looked: string[] = []
  #fleet: Fleet
  readonly #previews = new Map<string, Preview>()
  readonly #listeners = new Set<(fleet: Fleet) => void>()
  readonly #watchers = new Map<string, Set<(preview: Preview) => void>>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  now(): number {
    return this.at
  }

  get listeners(): number {
    return this.#listeners.size
  }

  follow(listener: (fleet: Fleet) => void): () => void {
    this.#listeners.add(listener)
    listener(this.#fleet)
    return () => void this.#listeners.delete(listener)
  }

  followSession(handle: string, listener: (preview: Preview) => void): () => void {
    const watchers = this.#watchers.get(handle) ?? new Set()
    this.#watchers.set(handle, watchers.add(listener))
    this.followed.add(handle)
    const known = this.#previews.get(handle)
    if (known !== undefined) listener(known)
    return () => {
      watchers.delete(listener)
      if (watchers.size === 0) this.followed.delete(handle)
    }
  }

  look(handle: string): void {
    this.looked.push(handle)
  }

  run(argv: readonly string[]): Promise<Said> {
    return this.#done(argv.join(' '))
  }

  complete(): Promise<readonly Candidate[]> {
    return Promise.resolve([])
  }

  changes(): Promise<never> {
    return Promise.reject(new Error('the test has no changes'))
  }

  outlook(): Promise<never> {
    return Promise.reject(new Error('the test has no outlook'))
  }

  queue(): Promise<never> {
    return Promise.reject(new Error('the test has no queue'))
  }

  explain(error: unknown): readonly string[] {
    return [error instanceof Error ? error.message : String(error)]
  }

  handOver(argv: readonly string[]): Promise<Said> {
    return this.#done(`over to ${argv.join(' ')}`)
  }

  changeFleet(fleet: Fleet): void {
    this.#fleet = fleet
    for (const listener of this.#listeners) listener(fleet)
  }

  sayIn(handle: string, preview: Preview): void {
    this.#previews.set(handle, preview)
    for (const listener of this.#watchers.get(handle) ?? []) listener(preview)
  }

  #done(line: string): Promise<Said> {
    this.asked.push(line)
    const found = [...this.answers].find(([beginning]) => line.startsWith(beginning))
    return Promise.resolve(found?.[1] ?? { isDone: true, lines: [] })
  }
}

/** Something that waits for the person about this task. */
export function inboxItem(task: string, more: Partial<InboxItem> = {}): InboxItem {
  return {
    id: 'm1',
    kind: 'question',
    project: 'app',
    who: `app.${task}`,
    what: 'Which database?',
    text: 'Which database?',
    since: '2026-01-02T10:00:00.000Z',
    next: 'orch answer m1 "…"',
    ...more,
  }
}

/** One of each status, with a feature and its parts. */
export function sampleFleet(): Fleet {
  return {
    tasks: [
      taskStatus('web', { status: 'Working', reason: 'Bash: npm test', uncommitted: 3, costUsd: 0.42 }),
      taskStatus('api', { status: 'Needs you', reason: 'asks which database', attempt: 2 }),
      taskStatus('docs', { status: 'Review', reason: 'finished and verified', isWaitingForHuman: true }),
      taskStatus('search', { status: 'Idle', reason: 'its turn is over' }),
      taskStatus('mail', { status: 'Failed', reason: 'validation failed three times' }),
      taskStatus('old', { status: 'Merged', reason: 'landed as 1234567' }),
      taskStatus('pay', { status: 'Working', kind: 'feature', reason: '1 of 2 parts ready', costUsd: 1.5 }),
      taskStatus('pay.backend', {
        kind: 'part',
        status: 'Working',
        partOf: { feature: 'app.pay', department: 'backend' },
        overlaps: [
          {
            with: 'app.web',
            isTarget: false,
            files: ['src/cart.ts'],
            fileCount: 1,
            since: '2026-01-02T10:00:00.000Z',
            survived: 0,
            work: { own: 'committed', other: 'committed' },
          },
        ],
      }),
      taskStatus('pay.frontend', { kind: 'part', status: 'Review', partOf: { feature: 'app.pay', department: 'frontend' } }),
    ],
    inbox: [inboxItem('api')],
  }
}
