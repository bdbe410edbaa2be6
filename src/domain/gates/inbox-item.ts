/** One thing that waits for the person: what `orch inbox --json` prints. */
export interface InboxItem {
  /** What to type: of a request, a message (`m12`, or `shop/m12` where several projects have one), or a task. */
  readonly id: string
  /** `permission` and `choice` are a session's requests; the next four stand on the board; the others are about a whole task. */
  readonly kind: 'permission' | 'choice' | 'gate' | 'escalation' | 'question' | 'need' | 'task' | 'failed' | 'review'
  readonly project: string
  /** Handle of the task or feature. */
  readonly who: string
  /** One plain line. */
  readonly what: string
  /** In full, as it was written: not safe for a terminal. */
  readonly text: string
  /** What there is to choose from, best first. */
  readonly options?: readonly string[]
  /** ISO time. */
  readonly since: string
  /** What to type now. */
  readonly next: string
}
