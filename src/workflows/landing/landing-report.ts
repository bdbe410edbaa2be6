import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import { breakageWords } from '../../domain/queue/breakage-words.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { Landing } from './land.ts'

type Report = MergeEntry extends infer T ? (T extends unknown ? Omit<T, 'handle' | 'branch'> : never) : never

/** What the people hear who asked for this landing, as often as they asked. Nobody may have: orch lands by itself too. */
export class LandingReport {
  readonly #life: TaskLife
  readonly #merges = new Set<string>()
  #last: Report = { outcome: 'running', step: 'in the queue' }

  constructor(life: TaskLife) {
    this.#life = life
  }

  /** Hears from now on, and at once where it stands. */
  add(merge: string): void {
    this.#merges.add(merge)
    this.#tell(merge, this.#last)
  }

  queued(): void {
    this.#say({ outcome: 'running', step: 'in the queue' })
  }

  /** The command that asked returns; the entry stays where it is. */
  stopped(reason: string): void {
    this.#say({ outcome: 'waiting', reason: `the queue stands still: ${reason}`, next: 'orch queue' })
  }

  held({ checkout, dirty }: { readonly checkout: string; readonly dirty: readonly string[] }): void {
    const reason = `${checkout} has uncommitted changes (${dirty.slice(0, 3).join(', ')})`
    this.#say({ outcome: 'waiting', reason, next: `commit or stash there, then orch merge ${this.#life.input.handle}` })
  }

  ended(landing: Landing): void {
    const { handle, kind, target, worktree } = this.#life.input
    const again = `orch merge ${handle}`
    switch (landing.kind) {
      case 'landed':
        // Only when the task is over: the person's next command may be its cleanup.
        this.#life.onceMerged.push(() => this.#say({ outcome: 'landed', commit: landing.commit }))
        return
      case 'halted':
        return this.#say({ outcome: 'refused', code: 'halted', reason: 'you said something else to it meanwhile', next: again })
      case 'removed':
        return this.#say({ outcome: 'refused', code: 'removed', reason: 'it was taken out of the queue', next: again })
      case 'void':
        return this.#say({ outcome: 'void', reason: 'the branch moved while it waited', next: again })
      case 'sent-back': {
        const { breakage } = landing
        const next = kind === 'manual' ? `mend it in ${worktree}, commit, then ${again}` : `its session is mending it: orch logs ${handle}`
        return this.#say({ outcome: 'sent-back', reason: breakageWords(breakage, target), breakage, next })
      }
    }
  }

  #say(report: Report): void {
    this.#last = report
    for (const merge of this.#merges) this.#tell(merge, report)
  }

  #tell(merge: string, report: Report): void {
    const { handle, branch } = this.#life.input
    this.#life.services.merges.report(merge, { handle, branch, ...report })
  }
}
