/** What a tool takes, and where it goes on the command line: only ever as `--option=value`, or after `--`. */
export interface Field {
  /** As the client is told. */
  readonly schema: FieldSchema
  readonly isRequired: boolean
  /** A path that leads nowhere but into the repository: reading is let through without asking. */
  readonly isInside?: boolean
  readonly goesTo: Place
}

type Place =
  | { readonly kind: 'operand' }
  | { readonly kind: 'option'; readonly name: string }
  /** Given where it is true, or where it is not. */
  | { readonly kind: 'flag'; readonly flag: string; readonly isGivenWhen: boolean }

export type FieldSchema =
  | { readonly type: 'string'; readonly maxLength: number }
  | { readonly type: 'integer' | 'number'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'array'; readonly items: { readonly type: 'string' }; readonly maxItems: number }

const LONGEST_NAME = 200
const LONGEST_TEXT = 20_000
const MOST_NAMES = 50

export const name = (): Field => ({ schema: { type: 'string', maxLength: LONGEST_NAME }, isRequired: false, goesTo: { kind: 'operand' } })
export const pathInside = (): Field => ({ ...name(), isInside: true })
export const words = (): Field => ({ schema: { type: 'string', maxLength: LONGEST_TEXT }, isRequired: false, goesTo: { kind: 'operand' } })
export const names = (): Field => ({
  schema: { type: 'array', items: { type: 'string' }, maxItems: MOST_NAMES },
  isRequired: false,
  goesTo: { kind: 'operand' },
})

export const nameOption = (option: string): Field => ({ ...name(), goesTo: { kind: 'option', name: option } })
export const wordsOption = (option: string): Field => ({ ...words(), goesTo: { kind: 'option', name: option } })

export const whole = (option: string, minimum: number, maximum: number): Field => ({
  schema: { type: 'integer', minimum, maximum },
  isRequired: false,
  goesTo: { kind: 'option', name: option },
})

/** US dollars. */
export const amount = (option: string): Field => ({
  schema: { type: 'number', minimum: 0.01, maximum: 100_000 },
  isRequired: false,
  goesTo: { kind: 'option', name: option },
})

export const flag = (given: string): Field => ({
  schema: { type: 'boolean' },
  isRequired: false,
  goesTo: { kind: 'flag', flag: given, isGivenWhen: true },
})

export const flagUnless = (given: string): Field => ({
  schema: { type: 'boolean' },
  isRequired: false,
  goesTo: { kind: 'flag', flag: given, isGivenWhen: false },
})

export const needed = (field: Field): Field => ({ ...field, isRequired: true })
