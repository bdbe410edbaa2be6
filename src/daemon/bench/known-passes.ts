import type { KnownPasses as KnownPassesPort, PassFacts } from '../../workflows/services.ts'
import type { Environments } from '../services/environments.ts'
import type { ResultGround, Results } from './results.ts'

/** Validations that passed in a task's own worktree. Its failures are not kept: what the session has left there may be why. */
export class KnownPasses implements KnownPassesPort {
  readonly #results: Results
  readonly #environments: Environments

  constructor(results: Results, environments: Environments) {
    this.#results = results
    this.#environments = environments
  }

  async has({ project, tree, steps, ...more }: PassFacts): Promise<boolean> {
    const found = await this.#results.find(project, tree, steps, await this.#ground(more))
    return found?.kind === 'passed'
  }

  async note({ project, tree, steps, ...more }: PassFacts, durationMs: number): Promise<void> {
    const ground = await this.#ground(more)
    await this.#results.keep(project, tree, steps, ground, { kind: 'passed', durationMs })
  }

  async #ground({ setup, environment }: Pick<PassFacts, 'setup' | 'environment'>): Promise<ResultGround> {
    return { place: 'worktree', setup, environment: await this.#environments.load(environment) }
  }
}
