import type { BoardMessage, NewMessage } from '../domain/board/message.ts'
import type { Department } from '../domain/features/department.ts'
import type { Trespass } from '../domain/features/ownership.ts'
import type { GateFinding } from '../domain/gates/gate.ts'
import type { ReviewVerdict } from '../domain/verification/verdict.ts'
import type { TaskInput } from './task-input.ts'

/** What sessions, people and orch say to each other. */
export interface Board {
  /** Puts it on the board, gives it to its receivers (runs hear it as news `mail`), and answers its id. The same key twice is one message. */
  post(project: string, message: NewMessage, key: string): Promise<string>
  /** Whether its own record shows this message, or it never will. */
  hasHeard(project: string, message: string, party: string): Promise<boolean>
  /** All messages that belong to this feature, oldest first. */
  messagesOf(project: string, feature: string): Promise<readonly BoardMessage[]>
  /** Those of these messages that nobody has answered, and that no later work of the one who was asked settles by itself. */
  unanswered(project: string, messages: readonly string[]): Promise<readonly BoardMessage[]>
  /** A run has dealt with this mail itself (its uuid): that is the receipt. */
  noteDelivered(handle: string, uuid: string, at: number): void
  /** What is in force for this task: of its feature and of the project, oldest first, without what was superseded. */
  decisionsFor(input: TaskInput): Promise<readonly BoardMessage[]>
}

/** Reviewing sessions: fresh, only reading, in a tree of exactly one commit. */
export interface Reviews {
  /** Asks each of these departments; what one of them has found out about this commit is not asked again. Repeating it after a crash goes on. */
  review(request: ReviewRequest): Promise<readonly ReviewOutcome[]>
  /** Ends every review of this task that is under way. */
  stop(handle: string): Promise<void>
}

export interface ReviewRequest {
  /** The author's. */
  readonly input: TaskInput
  readonly base: string
  readonly commit: string
  readonly by: readonly Department[]
  /** What these departments found in earlier commits of this work, oldest first. */
  readonly earlier: readonly ReviewVerdict[]
  readonly signal: AbortSignal
}

export type ReviewOutcome =
  | { readonly kind: 'verdict'; readonly verdict: ReviewVerdict; readonly costUsd: number }
  | { readonly kind: 'failed'; readonly by: string; readonly reason: string; readonly costUsd?: number }
  | { readonly kind: 'stopped'; readonly by: string }

/** What a commit meets of the rules that only a person can pass. */
export interface Gates {
  look(input: TaskInput, base: string, commit: string): Promise<readonly GateFinding[]>
}

/** What a commit changes that its task may not. */
export interface Ownerships {
  /** Without what a person has allowed its session, and without what came as it is from the target or from another part of the feature. */
  trespasses(input: TaskInput, base: string, commit: string): Promise<readonly Trespass[]>
}
