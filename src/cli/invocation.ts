import { usageFailure } from './failures.ts'

/** What the person typed after the command's name: operands in order, options by their long name in camel case. */
export interface Invocation {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

export function flag(invocation: Invocation, name: string): boolean {
  return invocation.options[name] === true
}

export function text(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name]
  return typeof value === 'string' ? value : undefined
}

/** A comma-separated option; an absent one is an empty list. */
export function listed(invocation: Invocation, name: string): readonly string[] {
  return (text(invocation, name) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function whole(invocation: Invocation, name: string, least: number, most: number): number | undefined {
  const value = text(invocation, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw usageFailure(`--${name} takes a whole number from ${least} to ${most}, not "${value}".`)
  }
  return number
}

export function amount(invocation: Invocation, name: string): number | undefined {
  const value = text(invocation, name)
  if (value === undefined) return undefined
  if (!/^\d+(?:\.\d+)?$/.test(value)) throw usageFailure(`--${name} takes an amount in US dollars such as 2.50, not "${value}".`)
  return Number(value)
}

/** A number from 0 to 1. */
export function share(invocation: Invocation, name: string): number | undefined {
  const value = text(invocation, name)
  if (value === undefined) return undefined
  if (!/^(?:0|1|[01]?\.\d+)$/.test(value) || Number(value) > 1)
    throw usageFailure(`--${name} takes a number from 0 to 1 such as 0.8, not "${value}".`)
  return Number(value)
}

export function oneOf<T extends string>(invocation: Invocation, name: string, choices: readonly T[]): T | undefined {
  const value = text(invocation, name)
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw usageFailure(`--${name} takes one of ${choices.join(', ')}, not "${value}".`)
  return found
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** `90`, `90s`, `15m`, `2h` in milliseconds; a bare number is seconds. */
export function duration(invocation: Invocation, name: string): number | undefined {
  const value = text(invocation, name)
  if (value === undefined) return undefined
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(value) ?? []
  if (number === undefined) throw usageFailure(`--${name} takes a time such as 90s, 15m or 2h, not "${value}".`)
  return Number(number) * (UNITS[unit ?? 's'] ?? 1000)
}
