import * as v from 'valibot'
import type { ForeignSession } from './foreign-sessions.ts'

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
