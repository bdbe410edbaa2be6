import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { Failure } from '../../foundation/failure.ts'
import { attachDetached, ensureDetached, type DetachedProcess } from '../../platform/detached-process.ts'
import type { TerminalClient } from '../../domain/sessions/terminal-client.ts'
import type { Agent, AgentProbe, AgentSession, SessionSpec, TerminalCommand } from '../../ports/agent.ts'
import { ClaudeSession } from './claude-session.ts'
import { sessionArguments, terminalArguments } from './command-line.ts'
import { claimConversation } from './conversation-claim.ts'
import { sessionEnvironment } from './environment.ts'
import { locateProgram, probeProgram } from './locate.ts'
import { hooksFile, manualArguments } from './manual/manual-arguments.ts'
import { ManualSession } from './manual/manual-session.ts'
import { editHook } from './edit-hook.ts'
import { writeSettings } from './settings.ts'
import { keepLentFolder, loadLentFolder, type LentFolder } from './terminal/lent-folder.ts'
import { TerminalSession } from './terminal/terminal-session.ts'
import { usageBetween } from './terminal/transcript-usage.ts'
import { loadBeginning, prepareBeginning } from './transcript.ts'

export interface ClaudeOptions {
  /** Absolute path of `claude`; without it ORCH_CLAUDE, then the PATH of the session's environment. */
  readonly program?: string
}

/** The user's own, unmodified Claude Code. */
export class ClaudeAgent implements Agent {
  readonly kind = 'claude-code'
  readonly editHook = editHook
  readonly #program: string | undefined
  readonly #opening = new Map<string, Promise<DetachedProcess>>()

  constructor(options: ClaudeOptions = {}) {
    this.#program = options.program
  }

  probe(environment: Readonly<Record<string, string>>): Promise<AgentProbe> {
    return probeProgram(this.#program, environment)
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const before = this.#opening.get(spec.conversationId)
    const mine = (before?.catch(() => {}) ?? Promise.resolve()).then(() => this.#start(spec))
    this.#opening.set(spec.conversationId, mine)
    try {
      return new ClaudeSession(await mine, spec.worktree)
    } finally {
      if (this.#opening.get(spec.conversationId) === mine) this.#opening.delete(spec.conversationId)
    }
  }

  async attach(spec: SessionSpec): Promise<AgentSession | undefined> {
    const found = await attachDetached(spec.folder)
    const lent = await loadLentFolder(spec.folder)
    if (lent !== undefined) {
      found?.detach()
      return terminalSession(spec, lent)
    }
    if (found !== undefined) return new ClaudeSession(found, spec.worktree)
    const hooks = hooksFile(spec.folder)
    return existsSync(hooks) ? new ManualSession(hooks) : undefined
  }

  async manualCommand(spec: SessionSpec): Promise<{ argv: readonly string[]; again: readonly string[] }> {
    const begin = await loadBeginning(spec.conversationId, spec.environment)
    const program = await this.#require(spec)
    const [argv, again] = [await manualArguments({ ...spec, begin }), await manualArguments({ ...spec, begin: 'resume' })]
    return { argv: [program, ...argv], again: [program, ...again] }
  }

  async lend(spec: SessionSpec, client: TerminalClient): Promise<TerminalCommand> {
    const { folder, worktree: cwd } = spec
    const program = await this.#require(spec)
    const claim = await claimConversation(spec.conversationId, folder)
    const begin = await prepareBeginning(spec.conversationId, spec.environment)
    const marker = markerOf(spec)
    const { HOME = homedir(), CLAUDE_CONFIG_DIR } = spec.environment
    const lent = { client, marker, environment: { HOME, ...(CLAUDE_CONFIG_DIR !== undefined && { CLAUDE_CONFIG_DIR }) } }
    const argv = [program, ...terminalArguments({ ...spec, begin }, await keepLentFolder(spec, lent))]
    await claim.recheck()
    return { folder, marker, argv, cwd, environment: environmentOf(spec) }
  }

  async #start(spec: SessionSpec): Promise<DetachedProcess> {
    const running = await attachDetached(spec.folder)
    if (running !== undefined) return running
    const program = await this.#require(spec)
    const claim = await claimConversation(spec.conversationId, spec.folder)
    // What `spec.begin` hopes for may not have come to pass: the agent's own files decide.
    const begin = await prepareBeginning(spec.conversationId, spec.environment)
    const argv = [program, ...sessionArguments({ ...spec, begin }, await writeSettings(spec))]
    await claim.recheck()
    const { folder, worktree: cwd } = spec
    return ensureDetached({ folder, argv, cwd, environment: environmentOf(spec), marker: markerOf(spec) })
  }

  async #require(spec: SessionSpec): Promise<string> {
    const program = await locateProgram(this.#program, spec.environment)
    if (program !== undefined) return program
    throw new Failure('agent-missing', 'the program claude was not found', {
      facts: { configured: this.#program ?? spec.environment.ORCH_CLAUDE },
      next: 'install Claude Code (npm install -g @anthropic-ai/claude-code), or say where it is with ORCH_CLAUDE=/path/to/claude',
    })
  }
}

function environmentOf({ environment, hooks }: SessionSpec): Record<string, string> {
  return sessionEnvironment(environment, hooks?.editGuard !== undefined)
}

function terminalSession({ folder, conversationId }: SessionSpec, { marker, client, environment }: LentFolder): TerminalSession {
  return new TerminalSession({ folder, marker, client, usageBetween: (time) => usageBetween(conversationId, environment, time) })
}

/** Unique per folder: the handle and the process's number, and the conversation that tells homes apart. */
function markerOf(spec: SessionSpec): string {
  return `${spec.handle}.${spec.folder.split('/').at(-1) ?? ''}.${spec.conversationId}`.replace(/[^\w.-]/g, '_')
}
