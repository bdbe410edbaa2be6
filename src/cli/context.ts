import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LocalServices } from './local-services.ts'
import type { Output } from './output.ts'

/** What every command gets: where it stands and the doors it may use. */
export interface Context {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** $ORCH_HOME. */
  readonly home: string
  readonly output: Output
  now(): number
  /** Aborted by Ctrl-C or SIGTERM, once a command has asked for it. */
  interruption(): AbortSignal
  services(): Promise<LocalServices>
}

export function orchHome(environment: Readonly<Record<string, string | undefined>>): string {
  const set = environment['ORCH_HOME']
  return set === undefined || set === '' ? join(homedir(), '.orchestration') : resolve(set)
}

/** The whole environment as the daemon wants it: it is what the agents get. */
export function wholeEnvironment(context: Context): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(context.environment)) if (value !== undefined) kept[name] = value
  return kept
}
