import { join } from 'node:path'
import { Grounds } from './grounds.ts'
import type { PolicyEntry, PolicyRequest, PolicyResult, PolicyRun } from './policy.ts'

/** What both plain policies do: merge onto the target, run the whole suite, land or not; and the account of it. */
export class PlainQueue {
  readonly grounds: Grounds
  readonly #request: PolicyRequest
  readonly #entries: PolicyEntry[] = []
  readonly #runs: PolicyRun[] = []
  readonly #startedAt = performance.now()

  private constructor(request: PolicyRequest, grounds: Grounds) {
    this.#request = request
    this.grounds = grounds
  }

  static async open(request: PolicyRequest): Promise<PlainQueue> {
    const { repository, folder, key, environment } = request
    return new PlainQueue(request, await Grounds.open(repository, join(folder, 'worktree'), key, environment))
  }

  /** Lands them all if together they are green on the target. Who conflicts is out, first come first served. */
  async attempt(names: readonly string[]): Promise<'landed' | 'red' | 'empty'> {
    const { target } = this.grounds.key
    const tip = await this.grounds.commitOf(target)
    const { commit, merged, conflicting } = await this.grounds.mergeAll(tip, names)
    for (const name of conflicting) this.evict(name, 'conflicts')
    if (merged.length === 0) return 'empty'
    const isGreen = await this.#test(commit, merged)
    if (!isGreen) return 'red'
    await this.grounds.land(commit, tip)
    for (const branch of merged) this.#entries.push({ branch, outcome: 'landed' })
    return 'landed'
  }

  evict(branch: string, reason: string): void {
    this.#entries.push({ branch, outcome: 'sent-back', reason })
  }

  isSettled(name: string): boolean {
    return this.#entries.some(({ branch }) => branch === name)
  }

  async close(): Promise<PolicyResult> {
    const wallMs = performance.now() - this.#startedAt
    await this.grounds.close()
    return { entries: this.#entries, runs: this.#runs, wallMs }
  }

  async #test(commit: string, members: readonly string[]): Promise<boolean> {
    const { isGreen, step, durationMs } = await this.grounds.test(commit)
    const isWhole = isGreen || step === this.grounds.key.steps.at(-1)?.name
    const share = isWhole ? 1 : Math.min(1, durationMs / this.#request.suiteMs)
    this.#runs.push({ why: 'batch', members, outcome: isGreen ? 'passed' : `failed in ${step}`, durationMs, share })
    return isGreen
  }
}
