import type { TerminalClient } from '../../domain/sessions/terminal-client.ts'
import { Failure } from '../../foundation/failure.ts'
import type { Agent, AgentSession, SessionSpec } from '../../ports/agent.ts'

/** A daemon that died may have planned it and not made it ready. */
export async function openLent(agent: Agent, spec: SessionSpec, client: TerminalClient): Promise<AgentSession> {
  const ready = await agent.attach(spec)
  if (ready !== undefined) return ready
  await agent.lend?.(spec, client)
  const made = await agent.attach(spec)
  if (made === undefined) throw new Failure('not-attachable', `the agent ${agent.kind} has no terminal of its own`)
  return made
}

export function inTerminal(handle: string): Failure {
  return new Failure('session-in-terminal', `the conversation of ${handle} is in a terminal`, {
    safe: 'no second process was started',
    next: `leave Claude Code there (/exit), or orch stop ${handle}`,
  })
}
