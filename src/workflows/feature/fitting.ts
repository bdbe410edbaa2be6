import { takeInPrompt } from '../../domain/features/part-prompts.ts'
import type { TaskLife } from '../life/task-life.ts'
import { type PartHead, retriesOf } from '../task-input.ts'
import type { Negotiations } from '../negotiation/negotiations.ts'
import { overlapsAmong } from '../negotiation/overlaps-among.ts'
import { type MergedParts, mergeParts, missingIn } from './merge-parts.ts'
import type { Part, Parts } from './parts.ts'

/** Whether what the departments are ready at fits together, and who is told what where it does not. */
export class Fitting {
  readonly #life: TaskLife
  readonly #parts: Parts
  /** The departments' commits that the integration was told of. */
  #taken: readonly PartHead[] = []
  /** What was last looked at and fits, so that it is not looked at again. */
  #looked = ''
  /** How often somebody had to be told of what does not fit, since a person last heard of it. */
  #returns = 0

  readonly #negotiations: Negotiations

  constructor(life: TaskLife, parts: Parts, negotiations: Negotiations) {
    this.#life = life
    this.#parts = parts
    this.#negotiations = negotiations
  }

  /** What an integration begins with. */
  async merge(): Promise<MergedParts> {
    const { run, services, input } = this.#life
    const heads = this.#parts.heads('foundation', 'departments')
    this.#taken = heads
    return run.step('merge the parts', () => mergeParts(services, input, heads))
  }

  async look(integration: Part | undefined): Promise<'wait' | 'ready'> {
    return integration === undefined ? ((await this.fits()) ? 'ready' : 'wait') : this.#fitIn(integration)
  }

  /** The integration has the newest work of all. */
  async #fitIn(integration: Part): Promise<'wait' | 'ready'> {
    const heads = this.#parts.heads('foundation', 'departments')
    const moved = heads.filter((head) => !this.#taken.some((taken) => taken.commit === head.commit))
    if (moved.length > 0) return this.#takeIn(integration, moved, heads)
    const standing = this.#parts.standing(integration)
    if (standing.kind !== 'ready') return 'wait'
    if (standing.commit === this.#looked) return 'ready'
    const { run, services, input } = this.#life
    const missing = await run.step('look for what is missing', () => missingIn(services, input, standing.commit, heads))
    if (missing.length === 0) {
      this.#looked = standing.commit
      return 'ready'
    }
    if (this.#mayReturn()) return this.#takeIn(integration, missing, heads)
    return this.#leave(integration, `it has not taken in ${missing.map(({ department }) => department).join(', ')}`)
  }

  #mayReturn(): boolean {
    return (this.#returns += 1) <= retriesOf(this.#life.input.settings)
  }

  /** After bounded tries a person looks at it; their word counts anew. */
  #leave(part: Part, reason: string): 'wait' {
    this.#returns = 0
    this.#parts.stands(part, { kind: 'stuck', code: 'not-merged', reason })
    return 'wait'
  }

  async #takeIn(integration: Part, moved: readonly PartHead[], heads: readonly PartHead[]): Promise<'wait'> {
    this.#taken = heads
    this.#looked = ''
    await this.#parts.say(integration, takeInPrompt(integration.input.task.id, moved))
    return 'wait'
  }

  /** At what the departments are ready at, whatever was known before: git's word counts, and settles what was open. */
  async fits(): Promise<boolean> {
    const heads = this.#parts.heads('foundation', 'departments')
    const at = JSON.stringify(heads)
    if (at !== this.#looked) {
      const { run, services, input } = this.#life
      this.#negotiations.see(await run.step('look for conflicts', async () => [...(await overlapsAmong(services, input, heads))]))
      this.#looked = at
      await this.#negotiations.goOn()
    }
    return this.#negotiations.open.length === 0
  }
}
