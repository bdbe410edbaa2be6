import type { Field } from './field.ts'

/** One thing that a client of MCP may ask for: a row of the table in tools.ts. */
export interface Tool {
  readonly name: string
  readonly title: string
  /** Read by a model at every start: each word costs. */
  readonly description: string
  readonly kind: ToolKind
  /** What stands first on the command line, in the program's own words. */
  readonly command: readonly string[]
  /** Operands in their order. */
  readonly fields: Readonly<Record<string, Field>>
  /** Which end of a long answer is kept. */
  readonly keeps?: 'end'
}

/**
 * `reading` changes nothing. `acting` begins or steers work. What is the `person's` is their own word, lands, deletes or ends something: the
 * client asks them first.
 */
export type ToolKind = 'reading' | 'acting' | 'persons'
