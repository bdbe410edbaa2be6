import { type Standing, STOPPED } from '../../domain/attempts/standing.ts'
import { NEWS, type News } from '../news.ts'
import type { TaskInput } from '../task-input.ts'
import type { TaskLife } from './task-life.ts'

export interface InnerTask {
  readonly input: TaskInput
  readonly run: string
}

const WORKING: Standing = { kind: 'working' }

/** The tasks that a task has begun and leads: its attempts, or the parts of a feature. How each stands comes as news of its own run. */
export class InnerTasks<T extends InnerTask> {
  protected readonly life: TaskLife
  readonly #keyOf: (task: T) => number | string
  readonly #all: T[] = []

  /** `keyOf`: what its news calls it. */
  constructor(life: TaskLife, keyOf: (task: T) => number | string) {
    this.life = life
    this.#keyOf = keyOf
  }

  add(task: T): void {
    this.#all.push(task)
  }

  get all(): readonly T[] {
    return this.#all
  }

  standing(task: T): Standing {
    return this.life.standings.get(this.#keyOf(task)) ?? WORKING
  }

  /** Until it says more itself. */
  stands(task: T, standing: Standing): void {
    this.life.standings.set(this.#keyOf(task), standing)
  }

  those(...kinds: readonly Standing['kind'][]): readonly T[] {
    return this.#all.filter((task) => kinds.includes(this.standing(task).kind))
  }

  async tell(task: T, news: News): Promise<void> {
    await this.life.run.send(task.run, NEWS, news)
  }

  async say(task: T, text: string, when: 'steer' | 'next-turn' = 'next-turn'): Promise<void> {
    await this.tell(task, { kind: 'message', id: this.life.newMessageId(), text, when })
    this.stands(task, WORKING)
  }

  /** A person's word to the one that leads them. What is stuck, or paused, may have a process that waits; what is ready has none. */
  async hold({ kind }: Extract<News, { kind: 'pause' | 'stop' }>): Promise<void> {
    for (const task of this.those('working', ...(kind === 'stop' ? (['stuck'] as const) : []))) {
      const standing = this.standing(task)
      if (standing.kind === 'stuck' && standing.code === STOPPED) continue
      await this.tell(task, { kind })
      this.stands(task, WORKING)
    }
  }

  async resume(news: Extract<News, { kind: 'resume' }>): Promise<void> {
    for (const task of this.those('working', 'stuck')) {
      await this.tell(task, news)
      this.stands(task, WORKING)
    }
  }
}
