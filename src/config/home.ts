import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where everything of orch lives on this machine. Folders are 0700, files 0600. */
export interface Home {
  readonly root: string
  readonly journal: string
  readonly sessions: string
  readonly environments: string
  readonly bin: string
  readonly trash: string
  readonly daemonFile: string
  readonly tokenFile: string
  readonly portFile: string
  readonly daemonLog: string
  readonly daemonLock: string
  readonly lastName: string
  readonly userConfig: string
}

export function homeAt(root: string): Home {
  return {
    root,
    journal: join(root, 'journal'),
    sessions: join(root, 'sessions'),
    environments: join(root, 'environments'),
    bin: join(root, 'bin'),
    trash: join(root, 'trash'),
    daemonFile: join(root, 'daemon.json'),
    tokenFile: join(root, 'daemon.token'),
    portFile: join(root, 'daemon.port'),
    daemonLog: join(root, 'daemon.log'),
    daemonLock: join(root, 'daemon-lock'),
    lastName: join(root, 'last'),
    userConfig: join(root, 'config.yaml'),
  }
}

/** `$ORCH_HOME`, else `~/.orchestration`. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): Home {
  return homeAt(environment['ORCH_HOME'] ?? join(environment['HOME'] ?? homedir(), '.orchestration'))
}

/** What the shared MCP server of this home has: its token, where it listens, and the lock that it is the only one by. */
export function mcpFiles({ root }: Pick<Home, 'root'>) {
  return { token: join(root, 'mcp.token'), port: join(root, 'mcp.port'), address: join(root, 'mcp.json'), lock: join(root, 'mcp-lock') }
}

export function sessionFolder(home: Home, handle: string): string {
  return join(home.sessions, handle)
}

/** What a task's agent is given again when its conversation was compacted or is resumed: the decisions in force. Written by orch, there or not. */
export function contextFile(home: Home, handle: string): string {
  return join(sessionFolder(home, handle), 'context.md')
}

/** What became of each task that several sessions tried. */
export function contestsFolder(home: Pick<Home, 'root'>, project: string): string {
  return join(home.root, 'projects', project, 'contests')
}

export function projectFolder(home: Home, project: string): string {
  return join(home.root, 'projects', project)
}

/** What the person says to sessions, until the daemon takes it. */
export function personOutbox(home: Pick<Home, 'root'>): string {
  return join(home.root, 'outbox')
}

/** Everything that was said in the project: `messages/m<N>.md`, and `receipts/m<N>.json` beside them. */
export function boardFolder(home: Pick<Home, 'root'>, project: string): string {
  return join(home.root, 'projects', project, 'board')
}

/** What sessions of a project have learned, one file each. */
export function brainFolder(home: Pick<Home, 'root'>, project: string): string {
  return join(home.root, 'projects', project, 'brain')
}

/** What there is to tell the person, and what became of it: `notices.jsonl`, and `seen` for what clients say that they have seen. */
export function noticesFolder(home: Pick<Home, 'root'>): string {
  return join(home.root, 'notices')
}

export function noticesFile(home: Pick<Home, 'root'>): string {
  return join(noticesFolder(home), 'notices.jsonl')
}

/** An empty file for each notice, by its id, until the daemon has taken it. */
export function seenFolder(home: Pick<Home, 'root'>): string {
  return join(noticesFolder(home), 'seen')
}

/** What is known of the person's own sessions of Claude Code that lead a team: a folder each, by their id. */
export function claudeFolder(home: Pick<Home, 'root'>): string {
  return join(home.root, 'claude')
}
