import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claudeConfigFolder } from '../../platform/environments/claude-config.ts'
import { mayExist } from '../../platform/process-identity.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import type { ForeignSession } from './foreign-output.ts'

export interface Asking {
  /** As the settings name Claude Code; `claude` on the PATH without it. */
  readonly program?: string | undefined
  readonly deadlineMs?: number
}

type Known = Pick<TaskStatus, 'handle' | 'worktree'>

/** A look at it costs a start of Claude Code (0.2 s of processor time): it is given up after so long. */
const DEADLINE_MS = 2000
const MOST_BYTES = 4 * 1024 * 1024

/**
 * What Claude Code itself says is running (`claude agents --json`), without what is orch's own: by name, folder or mark, and the session that asks.
 * It is started only where its own notes of live sessions show one that is not ours; anything that fails is nothing to show.
 */
export async function loadForeignSessions(
  context: Pick<Context, 'home' | 'environment'>,
  tasks: readonly Known[],
  asking: Asking = {},
): Promise<readonly ForeignSession[]> {
  try {
    const isOwn = await ownership(context, tasks, noted(context.environment))
    if (isOwn === undefined) return []
    const { parseForeign } = await import('./foreign-output.ts')
    return parseForeign(await askClaude(context, asking)).filter((session) => !isOwn(session))
  } catch {
    return []
  }
}

type Note = Pick<ForeignSession, 'pid' | 'sessionId' | 'name' | 'cwd'>

/** Undefined where all that is noted is ours. Marks are looked up only for what names and folders do not tell: that is a look through all processes. */
async function ownership(
  { home, environment }: Pick<Context, 'home' | 'environment'>,
  tasks: readonly Known[],
  notes: readonly Note[],
): Promise<((session: Note) => boolean) | undefined> {
  const handles = new Set(tasks.map(({ handle }) => handle))
  const folders = [home, ...tasks.flatMap(({ worktree }) => worktree ?? [])]
  const isNamed = ({ sessionId, name = '', cwd }: Note): boolean =>
    (sessionId !== undefined && sessionId === environment['CLAUDE_CODE_SESSION_ID']) ||
    handles.has(name.replace(/\.[\w-]+-review$/, '')) ||
    folders.some((folder) => `${cwd}/`.startsWith(`${folder}/`))
  const unknown = notes.filter((note) => !isNamed(note))
  if (unknown.length === 0) return undefined
  const { scanProcesses } = await import('../../platform/process-table.ts')
  const marked = new Set((await scanProcesses()).flatMap(({ pid, marker }) => (marker === undefined ? [] : [pid])))
  const isMarked = ({ pid }: Note): boolean => pid !== undefined && marked.has(pid)
  return unknown.every(isMarked) ? undefined : (session) => isNamed(session) || isMarked(session)
}

/** What every Claude Code that runs leaves in its folder, `<pid>.json`: read only to know whether there is something to ask for. */
function noted(environment: Context['environment']): readonly Note[] {
  const folder = notesFolder(environment)
  return readdirSync(folder).flatMap((file) => {
    const pid = Number(/^(\d+)\.json$/.exec(file)?.[1] ?? Number.NaN)
    return Number.isInteger(pid) && mayExist(pid) ? [{ ...readNote(join(folder, file)), pid }] : []
  })
}

export function notesFolder(environment: Context['environment']): string {
  return join(claudeConfigFolder(environment), 'sessions')
}

function readNote(path: string): Note {
  try {
    const { sessionId, name, cwd }: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'))
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
    return { sessionId: text(sessionId), name: text(name), cwd: text(cwd) ?? '' }
  } catch {
    return { cwd: '' }
  }
}

async function askClaude(
  { home, environment }: Pick<Context, 'home' | 'environment'>,
  { program, deadlineMs = DEADLINE_MS }: Asking,
): Promise<string> {
  const { runCommand } = await import('../../platform/run-command.ts')
  const asked = await runCommand({
    argv: [program ?? environment['ORCH_CLAUDE'] ?? 'claude', 'agents', '--json'],
    // Not the project: its settings have no say in what runs on this machine.
    cwd: home,
    environment: { ...environment, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
    timeoutMs: deadlineMs,
    graceMs: 0,
    maxOutputBytes: MOST_BYTES,
  })
  return asked.kind === 'exited' && asked.code === 0 ? asked.stdout : '[]'
}
