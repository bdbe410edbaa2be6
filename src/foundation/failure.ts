/**
 * A failure of the world (git, the disk, an agent, the network), thrown at an adapter's edge.
 * `code` is stable and is what callers branch on; the three sentences are what a person reads:
 * what happened (`message`), what was kept safe (`safe`), and what to type next (`next`).
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly safe: string | undefined
  readonly next: string | undefined

  constructor(
    code: string,
    message: string,
    more: { facts?: Record<string, unknown>; safe?: string; next?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.facts = more.facts ?? {}
    this.safe = more.safe
    this.next = more.next
  }
}

/** The failure's code, or undefined for anything else. */
export function failureCode(error: unknown): string | undefined {
  return error instanceof Failure ? error.code : undefined
}
