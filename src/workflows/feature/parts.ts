import type { Standing } from '../../domain/attempts/standing.ts'
import { phaseIn } from '../../domain/features/choose-departments.ts'
import type { Department, FeatureSettings, Phase } from '../../domain/features/department.ts'
import type { FeatureFacts, FeaturePart } from '../../domain/features/feature-facts.ts'
import type { TaskLife } from '../life/task-life.ts'
import { NEWS, type News } from '../news.ts'
import type { PartHead, TaskInput } from '../task-input.ts'

/** A department's task that was begun. */
export interface Part {
  readonly name: string
  readonly phase: Phase
  readonly input: TaskInput
  readonly run: string
}

const WORKING: Standing = { kind: 'working' }

/** The parts of a feature: those that were begun, how they stand, and what is still to come. */
export class Parts {
  readonly #life: TaskLife
  readonly #settings: FeatureSettings
  readonly #begun: Part[] = []

  constructor(life: TaskLife, settings: FeatureSettings) {
    this.#life = life
    this.#settings = settings
  }

  add(part: Part): void {
    this.#begun.push(part)
  }

  get begun(): readonly Part[] {
    return this.#begun
  }

  /** Departments of this phase that have no task yet. */
  left(phase: Phase): readonly Department[] {
    return this.#settings.departments.filter(
      (department) => phaseIn(department, this.#settings.phases) === phase && !this.#begun.some(({ name }) => name === department.name),
    )
  }

  of(phase: Phase): readonly Part[] {
    return this.#begun.filter((part) => part.phase === phase)
  }

  standing({ name }: Part): Standing {
    return this.#life.standings.get(name) ?? WORKING
  }

  /** Until it says more itself. */
  stands({ name }: Part, standing: Standing): void {
    this.#life.standings.set(name, standing)
  }

  those(...kinds: readonly Standing['kind'][]): readonly Part[] {
    return this.#begun.filter((part) => kinds.includes(this.standing(part).kind))
  }

  /** Whoever was given up is waited for no more. */
  areReady(phase: Phase): boolean {
    return this.of(phase).every((part) => this.standing(part).kind === 'ready' || this.standing(part).kind === 'gone')
  }

  /** What the ready ones of these are ready at, in the order of the departments. */
  heads(...phases: readonly Phase[]): readonly PartHead[] {
    return this.#begun.flatMap((part) => {
      const standing = this.standing(part)
      return phases.includes(part.phase) && standing.kind === 'ready' ? [{ department: part.name, commit: standing.commit }] : []
    })
  }

  /** Undefined where none was begun, or it was given up. */
  get integration(): Part | undefined {
    return this.of('integration').find((part) => this.standing(part).kind !== 'gone')
  }

  async say(part: Part, text: string, when: 'steer' | 'next-turn' = 'next-turn'): Promise<void> {
    await this.tell(part, { kind: 'message', id: this.#life.newMessageId(), text, when })
    this.stands(part, { kind: 'working' })
  }

  async tell(part: Part, news: News): Promise<void> {
    await this.#life.run.send(part.run, NEWS, news)
  }

  facts(landed?: string): FeatureFacts {
    const { departments, phases } = this.#settings
    const parts = departments.map((department): FeaturePart => {
      const phase = phaseIn(department, phases)
      const part = this.#begun.find(({ name }) => name === department.name)
      const same = { department: department.name, handle: `${this.#life.input.handle}.${department.name}`, phase }
      const branch = this.#settings.names[department.name]?.branch ?? ''
      if (part === undefined) return { ...same, branch, standing: 'later', reason: 'not begun yet' }
      const standing = this.standing(part)
      const isLanded = landed !== undefined && standing.kind !== 'gone'
      return {
        ...same,
        branch,
        standing: isLanded ? 'landed' : standing.kind,
        reason: isLanded ? `landed as ${landed.slice(0, 10)}` : reasonOf(standing),
        ...(standing.kind === 'ready' && { commit: standing.commit }),
      }
    })
    return { phase: this.#phase(), parts }
  }

  #phase(): Phase {
    if (this.of('integration').length > 0) return 'integration'
    return this.of('departments').length > 0 || this.left('foundation').length + this.of('foundation').length === 0
      ? 'departments'
      : 'foundation'
  }
}

function reasonOf(standing: Standing): string {
  if (standing.kind === 'working') return 'at work'
  return standing.kind === 'ready' ? standing.summary : standing.reason
}
