import type { Json } from '../../foundation/json.ts'

/**
 * What any agent's record is translated into. Adapters parse their own protocol at the edge and emit these;
 * nothing behind the adapter knows which agent it was.
 * `at` is milliseconds since the epoch.
 */
export type SessionEvent =
  /** `isAgain`: a person opened the conversation anew in their terminal, after the end that was told. */
  | { readonly type: 'started'; readonly at: number; readonly agentVersion?: string; readonly model?: string; readonly isAgain?: true }
  | { readonly type: 'turn-started'; readonly at: number }
  /** The agent's own record shows our message: the receipt. */
  | { readonly type: 'message-received'; readonly at: number; readonly messageId: string }
  | { readonly type: 'text'; readonly at: number; readonly text: string }
  | {
      readonly type: 'tool-started'
      readonly at: number
      readonly toolUseId: string
      readonly tool: string
      readonly summary: string
      /** What it may write, as the agent names it; absent when it only reads. */
      readonly writes?: ToolWrites
    }
  | { readonly type: 'tool-ended'; readonly at: number; readonly toolUseId: string; readonly isError: boolean }
  | { readonly type: 'subagents'; readonly at: number; readonly running: number }
  | { readonly type: 'permission-asked'; readonly at: number; readonly request: PermissionRequest }
  | { readonly type: 'permission-answered'; readonly at: number; readonly requestId: string }
  | { readonly type: 'usage'; readonly at: number; readonly messageId: string; readonly model: string; readonly usage: TokenUsage }
  /** The agent's own sum for one model since this process began; it only grows. Corrects what the single messages left out. */
  | { readonly type: 'usage-total'; readonly at: number; readonly model: string; readonly usage: TokenUsage }
  | { readonly type: 'retrying'; readonly at: number; readonly cause: ModelFailure; readonly attempt: number; readonly delayMs: number }
  | { readonly type: 'limit'; readonly at: number; readonly resetsAt: number }
  | { readonly type: 'turn-ended'; readonly at: number; readonly outcome: TurnOutcome }
  | { readonly type: 'alive'; readonly at: number }
  | { readonly type: 'exited'; readonly at: number; readonly exit: SessionExit }

export type ToolWrites = 'anything' | { readonly file: string }

export type PermissionRequest = {
  readonly id: string
  readonly tool: string
  /** One line a person can decide on: the command, the path, the question. */
  readonly summary: string
  readonly at: number
  /** The same for the same call: a tool that asks again after its process was ended is known by it. */
  readonly fingerprint?: string
  /** It wants no leave but answers, one to each of these. */
  readonly questions?: readonly AgentQuestion[]
}

export type AgentQuestion = {
  readonly text: string
  /** Something else may be answered as well. */
  readonly options: readonly { readonly label: string; readonly description?: string }[]
  /** Several options at once. */
  readonly isMultiple: boolean
}

/** What a person says to a request; `answers`: one to each question, in their order. */
export type PermissionDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly reason: string }
  | { readonly kind: 'answer'; readonly answers: readonly string[] }

export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheCreationTokens: number
}

export type ModelFailure =
  | 'rate-limit' // 429
  | 'overloaded' // 529
  | 'server' // 5xx
  | 'authentication' // 401, 403
  | 'billing' // credit balance
  | 'connection'
  | 'prompt-too-long'
  | 'model-not-found'
  | 'unknown'

export type TurnOutcome =
  /** `structured`: the answer in the shape of the session's `outputSchema`; absent where the agent gave none. */
  | { readonly kind: 'completed'; readonly text: string; readonly structured?: Json }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'usage-limit'; readonly resetsAt: number | undefined }
  | { readonly kind: 'budget-exhausted' }
  | { readonly kind: 'too-many-turns' }
  | { readonly kind: 'model-failed'; readonly cause: ModelFailure; readonly message: string }
  /** The agent says success but its record lacks what a success must have (a null stop reason). */
  | { readonly kind: 'suspect'; readonly message: string }

/** `code` is the exit status (128+n for signal n), or `lost` when process and wrapper died together. */
export type SessionExit = { readonly kind: 'code'; readonly code: number } | { readonly kind: 'lost' }
