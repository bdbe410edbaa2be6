import type { AttachRequest } from '../news.ts'
import type { TaskInput } from '../task-input.ts'

/** Conversations in a person's terminal. */
export interface Terminals {
  /**
   * Ends the task's processes and makes ready what the client starts; asked again for the same request, it is the same process. `gone`: there is no
   * client any more, or this request has had its turn; nothing was ended.
   */
  lend(
    input: TaskInput,
    attempt: number,
    request: AttachRequest,
  ): Promise<{ readonly kind: 'lent'; readonly process: string } | { readonly kind: 'gone' }>
  /** Called on every replay: why nothing came of a request. */
  refuse(by: string, why: Refusal): void
  /** Sees to it that nothing of the process is left, and says what it left. */
  takeBack(input: TaskInput, process: string): Promise<Legacy>
}

export type Refusal = { readonly code: string; readonly reason: string }

/** `isTouched`: something was said to the agent there; `isTorn`: its last turn had not ended. */
export type Legacy = { readonly isTouched: boolean; readonly isTorn: boolean }
