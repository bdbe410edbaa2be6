import type { PermissionDecision, PermissionRequest } from '../../domain/sessions/session-event.ts'
import type { News } from '../news.ts'

export type DecidedLeave = { readonly request: PermissionRequest; readonly decision: PermissionDecision }

/** What a task's session wants a person's word for, also beyond the end of the process that asked. Taken down at the moment the news is read. */
export class Leaves {
  readonly #open = new Map<string, { readonly process: string; readonly request: PermissionRequest }>()
  /** Of processes that were ended: said to the next one in words, and to the same call once. */
  #decided: DecidedLeave[] = []

  heed(news: News): void {
    if (news.kind === 'leave-asked') this.#open.set(news.request.id, news)
    if (news.kind === 'leave-answered') this.#open.delete(news.request)
    if (news.kind === 'leave-decided') this.#decide(news.request, news.decision)
  }

  #decide(id: string, decision: PermissionDecision): void {
    const asked = this.#open.get(id)
    if (asked === undefined) return
    this.#open.delete(id)
    this.#decided.push({ request: asked.request, decision })
  }

  isOpen(id: string): boolean {
    return this.#open.has(id)
  }

  openOf(process: string | undefined): readonly PermissionRequest[] {
    return [...this.#open.values()].filter((asked) => asked.process === process).map(({ request }) => request)
  }

  get decided(): readonly DecidedLeave[] {
    return this.#decided
  }

  /** What a person has said about this very call, once. */
  takeDecision(request: PermissionRequest): PermissionDecision | undefined {
    const at = this.#decisionOn(request)
    return at < 0 ? undefined : this.#decided.splice(at, 1)[0]?.decision
  }

  /** A person has said what becomes of this very call. */
  isDecided(request: PermissionRequest): boolean {
    return this.#decisionOn(request) >= 0
  }

  #decisionOn({ tool, fingerprint }: PermissionRequest): number {
    return this.#decided.findIndex(
      ({ request }) => fingerprint !== undefined && request.tool === tool && request.fingerprint === fingerprint,
    )
  }

  /** The turn in which it could have asked again is over. */
  forgetDecisions(): void {
    this.#decided = []
  }
}
