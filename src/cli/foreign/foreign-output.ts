import * as v from 'valibot'

/** A session of Claude Code on this machine that is none of orch's. Its texts are anybody's. */
export interface ForeignSession {
  readonly pid?: number | undefined
  readonly sessionId?: string | undefined
  readonly name?: string | undefined
  readonly cwd: string
  /** `interactive`, `background`: as Claude Code says it. */
  readonly kind?: string | undefined
  readonly status?: string | undefined
  readonly waitingFor?: string | undefined
  /** Milliseconds since the epoch. */
  readonly startedAt?: number | undefined
}

const word = v.fallback(v.optional(v.string()), undefined)
const number = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15))), undefined)

const SESSION = v.object({
  pid: number,
  sessionId: word,
  name: word,
  cwd: v.string(),
  kind: word,
  status: word,
  waitingFor: word,
  startedAt: number,
})

/** What `claude agents --json` prints: an array. An entry that is not understood is left out. */
export function parseForeign(text: string): readonly ForeignSession[] {
  const entries = v.parse(v.array(v.unknown()), JSON.parse(text))
  return entries.flatMap((entry) => {
    const parsed = v.safeParse(SESSION, entry)
    return parsed.success ? [parsed.output] : []
  })
}
