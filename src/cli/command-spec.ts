import type { Context } from './context.ts'
import type { Invocation } from './invocation.ts'

/** One row of the table of commands. Registering it must cost nothing: what it does is imported when it is called. */
export interface CommandSpec {
  /** `spawn`, or `daemon start` for a command of a group. */
  readonly name: string
  readonly group: string
  readonly summary: string
  /** Commander's notation: `<name> [prompt]`. */
  readonly operands: string
  /** Shown instead of the operands where they cannot say it. */
  readonly usage?: string
  readonly options: readonly (readonly [flags: string, summary: string])[]
  readonly examples: readonly string[]
  /** What shell completion offers for operands. */
  readonly completes?: 'tasks' | 'features' | 'work' | 'requests' | 'settings' | 'files'
  /** What an option may be, by its long name: `--land`. */
  readonly choices?: Readonly<Record<string, readonly string[]>>
  /** What it may be that is known only here and now; several with commas. */
  readonly names?: Readonly<Record<string, 'features' | 'departments'>>
  readonly isHidden?: boolean
  /** The person's word: refused in a session. */
  readonly isPersons?: boolean
  load(): Promise<Command>
}

/** Answers with the exit code. */
export type Command = (context: Context, invocation: Invocation) => Promise<number>
