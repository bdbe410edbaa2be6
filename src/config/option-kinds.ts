/** The shapes that an option's value may have, as files, the environment and flags write them. No imports: start-up reads this. */
export type Kind<T> = {
  readonly type: KindType
  /** For people: `a number from 1 to 500`. */
  readonly says: string
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** Reads a value of a file; text of the environment or a flag goes through `fromText` first. */
  readonly read: (value: unknown) => Reading<T>
  readonly fromText: (text: string) => unknown
  /** As a file would say it. */
  readonly write: (value: T) => unknown
}
export type KindType =
  | 'count'
  | 'text'
  | 'choice'
  | 'list'
  | 'duration'
  | 'amount'
  | 'share'
  | 'agent'
  | 'steps'
  | 'departments'
  | 'contracts'
  | 'gates'
  | 'channels'
  | 'rules'
  | 'webhooks'
export type Reading<T> = { readonly kind: 'read'; readonly value: T } | { readonly kind: 'wrong'; readonly message: string }

export type AgentChoice = 'claude-code' | { readonly command: readonly string[] }

export function count(min: number, max: number): Kind<number> {
  const says = `a number from ${min} to ${max}`
  return make(
    'count',
    says,
    { type: 'integer', minimum: min, maximum: max },
    (value) => (Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined),
    numberOrText,
  )
}

export function amount(): Kind<number> {
  const read = (value: unknown) => {
    const number = typeof value === 'string' ? Number(/^\$?([0-9]+(?:\.[0-9]+)?)$/.exec(value.trim())?.[1] ?? NaN) : value
    return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
  }
  return make('amount', 'an amount in US dollars above zero', { type: ['number', 'string'], exclusiveMinimum: 0 }, read, numberOrText)
}

export function share(): Kind<number> {
  return make(
    'share',
    'a number from 0 to 1',
    { type: 'number', minimum: 0, maximum: 1 },
    (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined),
    numberOrText,
  )
}

/** `check` says what is wrong with a text. */
export function text(check: (value: string) => string | undefined = () => undefined): Kind<string> {
  const kind = make(
    'text',
    'a text',
    { type: 'string', minLength: 1 },
    (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
    (written) => written,
  )
  return {
    ...kind,
    read: (value) => {
      const reading = kind.read(value)
      const wrong = reading.kind === 'read' ? check(reading.value) : undefined
      return wrong === undefined ? reading : { kind: 'wrong', message: wrong }
    },
  }
}

export function choice<const T extends string>(...choices: readonly T[]): Kind<T> {
  return make(
    'choice',
    `one of ${choices.join(', ')}`,
    { enum: choices },
    (value) => choices.find((known) => known === value),
    (written) => written,
  )
}

export function list(): Kind<readonly string[]> {
  const read = (value: unknown): readonly string[] | undefined =>
    Array.isArray(value) && value.every((item): item is string => typeof item === 'string' && item !== '') ? value : undefined
  const fromText = (written: string) =>
    jsonOr(written, '[', () =>
      written
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
  return make('list', 'a list of texts', { type: 'array', items: { type: 'string', minLength: 1 } }, read, fromText)
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** In milliseconds; written `90s`, `30m`, `24h`, `7d`. */
export function duration(): Kind<number> {
  const read = (value: unknown) => {
    const match = typeof value === 'string' ? /^([0-9]{1,6}) ?([smhd])$/.exec(value.trim()) : null
    const milliseconds = Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? NaN)
    return milliseconds > 0 ? milliseconds : undefined
  }
  const kind = make(
    'duration',
    'a length of time such as 90s, 30m, 24h or 7d',
    { type: 'string', pattern: '^[0-9]{1,6} ?[smhd]$' },
    read,
    (written) => written,
  )
  return { ...kind, write: writeDuration }
}

export function agent(): Kind<AgentChoice> {
  const command = list()
  const read = (value: unknown): AgentChoice | undefined => {
    if (value === 'claude-code') return value
    if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'command') return undefined
    const words = command.read((value as { command: unknown }).command)
    return words.kind === 'read' && words.value.length > 0 ? { command: words.value } : undefined
  }
  const commandSchema = {
    type: 'object',
    properties: { command: { ...command.jsonSchema, minItems: 1 } },
    required: ['command'],
    additionalProperties: false,
  }
  return make(
    'agent',
    'claude-code, or `command:` with a list: the program and its arguments',
    { anyOf: [{ const: 'claude-code' }, commandSchema] },
    read,
    (written) => jsonOr(written, '{', () => written),
  )
}

function make<T>(
  type: KindType,
  says: string,
  jsonSchema: Record<string, unknown>,
  read: (value: unknown) => T | undefined,
  fromText: (text: string) => unknown,
): Kind<T> {
  return {
    type,
    says,
    jsonSchema,
    read: (value) => {
      const found = read(value)
      return found === undefined ? { kind: 'wrong', message: `must be ${says}` } : { kind: 'read', value: found }
    },
    fromText,
    write: (value) => value,
  }
}

function numberOrText(written: string): unknown {
  return /^[0-9]+(?:\.[0-9]+)?$/.test(written.trim()) ? Number(written) : written
}

function jsonOr(written: string, opening: string, otherwise: () => unknown): unknown {
  if (!written.trimStart().startsWith(opening)) return otherwise()
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}

/** The largest unit that gives a whole number; days only from two on, as people speak. */
function writeDuration(milliseconds: number): string {
  const isWhole = (unit: string) => milliseconds % (unitMs[unit] ?? NaN) === 0
  const unit = isWhole('d') && milliseconds > 86_400_000 ? 'd' : (['h', 'm'].find(isWhole) ?? 's')
  return `${milliseconds / (unitMs[unit] ?? 1000)}${unit}`
}
