import { isHeld, standingWords } from '../../domain/attempts/standing.ts'
import { phaseIn } from '../../domain/features/choose-departments.ts'
import type { Department, FeatureSettings, Phase } from '../../domain/features/department.ts'
import type { FeatureFacts, FeaturePart } from '../../domain/features/feature-facts.ts'
import { type InnerTask, InnerTasks } from '../life/inner-tasks.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { PartHead } from '../task-input.ts'

/** A department's task that was begun. */
export interface Part extends InnerTask {
  readonly name: string
  readonly phase: Phase
}

/** The parts of a feature: those that were begun, how they stand, and what is still to come. */
export class Parts extends InnerTasks<Part> {
  readonly #settings: FeatureSettings

  constructor(life: TaskLife, settings: FeatureSettings) {
    super(life, ({ name }) => name)
    this.#settings = settings
  }

  /** Departments of this phase that have no task yet. */
  left(phase: Phase): readonly Department[] {
    return this.#settings.departments.filter(
      (department) => phaseIn(department, this.#settings.phases) === phase && !this.all.some(({ name }) => name === department.name),
    )
  }

  of(phase: Phase): readonly Part[] {
    return this.all.filter((part) => part.phase === phase)
  }

  /** Whoever was given up is waited for no more. */
  areReady(phase: Phase): boolean {
    return this.of(phase).every((part) => this.standing(part).kind === 'ready' || this.standing(part).kind === 'gone')
  }

  /** What the ready ones of these are ready at, in the order of the departments. */
  heads(...phases: readonly Phase[]): readonly PartHead[] {
    return this.all.flatMap((part) => {
      const standing = this.standing(part)
      return phases.includes(part.phase) && standing.kind === 'ready' ? [{ department: part.name, commit: standing.commit }] : []
    })
  }

  /** Undefined where none was begun, or it was given up. */
  get integration(): Part | undefined {
    return this.of('integration').find((part) => this.standing(part).kind !== 'gone')
  }

  facts(landed?: string): FeatureFacts {
    const { departments, phases } = this.#settings
    const parts = departments.map((department): FeaturePart => {
      const phase = phaseIn(department, phases)
      const part = this.all.find(({ name }) => name === department.name)
      const same = { department: department.name, handle: `${this.life.input.handle}.${department.name}`, phase }
      const branch = this.#settings.names[department.name]?.branch ?? ''
      if (part === undefined) return { ...same, branch, standing: 'later', reason: 'not begun yet' }
      const standing = this.standing(part)
      const isLanded = landed !== undefined && standing.kind !== 'gone'
      return {
        ...same,
        branch,
        standing: isLanded ? 'landed' : standing.kind,
        reason: isLanded ? `landed as ${landed.slice(0, 10)}` : standingWords(standing),
        ...(isHeld(standing) && { isHeld: true }),
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
