import type { PermissionMode, Subagent } from '../domain/features/department.ts'
import type { Json } from '../foundation/json.ts'
import type { TerminalClient } from '../domain/sessions/terminal-client.ts'
import type { PermissionDecision, PermissionRequest, SessionEvent } from '../domain/sessions/session-event.ts'

/**
 * An agent program. A session's processes are detached and outlive the daemon; everything known about a session
 * is its folder, so `attach` after a crash finds the same session, and `open` twice starts it once.
 */
export interface Agent {
  readonly kind: string
  /** Undefined for one that does not ask: what it did is looked at afterwards. */
  readonly editHook?: EditHook
  /** Is the program there, which version, is it logged in. Never throws. */
  probe(environment: Readonly<Record<string, string>>): Promise<AgentProbe>
  /** Makes sure that the session's process runs (or has run: an exited session is attached with its record). Idempotent per `spec.folder`. */
  open(spec: SessionSpec): Promise<AgentSession>
  /** The session of this folder with its record, if one was ever started there, also in a person's terminal by the manual command; starts nothing. */
  attach(spec: SessionSpec): Promise<AgentSession | undefined>
  /** The command a person types to run this agent themselves in the worktree; argv, not a shell line. */
  manualCommand(spec: SessionSpec): Promise<{ argv: readonly string[]; again: readonly string[] }>
  /**
   * Makes the folder ready for the conversation to go on in a terminal that `client` has; from then on it is attached like any other. Idempotent
   * per folder. Absent where an agent's conversation cannot be handed to a person.
   */
  lend?(spec: SessionSpec, client: TerminalClient): Promise<TerminalCommand>
}

/** What `client` is to run in its terminal, with the whole environment but for what describes the terminal; secrets inside, so never logged. */
export interface TerminalCommand {
  readonly folder: string
  readonly marker: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
}

export type AgentProbe =
  | { readonly kind: 'ready'; readonly program: string; readonly version: string; readonly login: 'present' | 'unknown' }
  | { readonly kind: 'missing'; readonly program: string }
  | { readonly kind: 'unsupported'; readonly program: string; readonly version: string; readonly oldest: string }
  | { readonly kind: 'not-logged-in'; readonly program: string; readonly version: string }

export interface SessionSpec {
  /** Absolute; `$ORCH_HOME/sessions/<handle>/<conversation>.<n>`; created by `open`, 0700. */
  readonly folder: string
  /** The agent's own conversation id (a uuid), the same for every process of one conversation. */
  readonly conversationId: string
  /** 'resume' continues the conversation of a dead process; 'new' begins it. */
  readonly begin: 'new' | 'resume'
  readonly handle: string
  /** Absolute path of the linked worktree: the working directory. */
  readonly worktree: string
  /** Full ref name of the only branch this session may move. */
  readonly branchRef: string
  /** Absolute paths the session must not edit (the main checkout). */
  readonly protectedPaths: readonly string[]
  /** The whole environment of the agent, ready to use; secrets inside, so never logged. */
  readonly environment: Readonly<Record<string, string>>
  readonly model?: string
  readonly budgetUsd?: number
  /** Appended to the agent's own instructions, short. */
  readonly instructions: string
  readonly permissions: { readonly allow: readonly string[]; readonly ask: readonly string[]; readonly deny: readonly string[] }
  /** It gets only tools that read, and nothing can give it others: what it would need leave for is denied. For a command that is a promise. */
  readonly isReadOnly?: boolean
  /** Absolute paths of folders beside the worktree that it may read. */
  readonly readablePaths?: readonly string[]
  /** JSON schema of the answer that ends a turn: `structured` of the outcome. The agent may leave it out, and what it gives is not yet checked. */
  readonly outputSchema?: Readonly<Record<string, Json>>
  /** For `agent: command`. */
  readonly argv?: readonly string[]
  /** Tools it has, as Claude Code calls them; the usual ones when absent. */
  readonly tools?: readonly string[]
  readonly permissionMode?: PermissionMode
  /** Sub-agents that it can call, by name. */
  readonly subagents?: Readonly<Record<string, Subagent>>
  readonly hooks?: SessionHooks
}

/** What orch has a say in while the agent works, for agents that can be asked to. Without either of them the agent costs what it costs by itself. */
export interface SessionHooks {
  /** Asked before every edit, by HTTP, in the agent's own words (`EditHook`); whoever knows this URL is taken for the session, so it is never logged. */
  readonly editGuard?: string
  /** A file, there or not, whose text the agent is given again whenever its conversation was compacted or is resumed. */
  readonly contextFile?: string
}

/** How an agent asks before it edits. */
export interface EditHook {
  /** Undefined for a body that asks nothing of the kind. */
  read(body: unknown): EditAttempt | undefined
  /** The body of the answer. */
  answer(ruling: EditRuling): { readonly [key: string]: unknown }
}

export interface EditAttempt {
  /** Absolute. */
  readonly path: string
  /** As the session's events name the tool's call. */
  readonly toolUseId?: string
}

/** `ask`: the person decides, as for any permission. `allow` says nothing about what the agent's own permissions allow; its remark is for the agent. */
export type EditRuling = { readonly kind: 'allow'; readonly remark?: string } | { readonly kind: 'ask' | 'deny'; readonly reason: string }

export interface AgentSession {
  /** Every event of the session's record from its beginning, then live; `changed` is called after each batch. Replayable: the same record gives the same events. */
  readonly events: readonly SessionEvent[]
  onEvents(listener: (fresh: readonly SessionEvent[]) => void): () => void
  /** Hands the agent a message. At-least-once: the agent drops a repeated `id`. Resolves when written, not when read; the receipt is `message-received`. */
  send(message: SessionMessage): Promise<void>
  /** Failure `answers-missing` where a question is left without its answer, `no-question` where nothing was asked that could be answered. */
  answer(request: PermissionRequest, decision: PermissionDecision): Promise<void>
  /** Ends the running turn; the process stays. */
  interrupt(): Promise<void>
  /** Ends the process and every process it started, politely first; resolves when nothing of it is left. Idempotent. */
  stop(): Promise<void>
  /** Resolves when `events` hold all that the record held at this call, the end of a process that had ended included. */
  caughtUp(): Promise<void>
  /** Lets go without touching the process. */
  detach(): void
}

export interface SessionMessage {
  /** A uuid: the same message sent again has the same one. */
  readonly id: string
  readonly text: string
  /** 'steer' joins the running turn after its current tool; 'next-turn' waits for the turn to end. */
  readonly when: 'steer' | 'next-turn'
}
