import * as v from 'valibot'

/** What a session says of its work, by a file in its outbox. */
const Declaration = v.object({
  v: v.literal(1),
  kind: v.picklist(['done', 'blocked', 'checkpoint', 'tell']),
  at: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.check((at) => Number.isFinite(Date.parse(at)), 'no time'),
  ),
  commit: v.optional(v.pipe(v.string(), v.regex(/^([0-9a-f]{40}([0-9a-f]{24})?)?$/)), ''),
  message: v.optional(v.string()),
})
export type Declaration = v.InferOutput<typeof Declaration>

/** `---`, front matter, `---`, then the message as the body (or in the front matter). Undefined when it is anything else. */
export async function parseDeclaration(text: string): Promise<Declaration | undefined> {
  const end = text.indexOf('\n---', 3)
  if (!text.startsWith('---\n') || end < 0) return undefined
  const { parse } = await import('yaml')
  try {
    const matter: unknown = parse(text.slice(4, end), { maxAliasCount: 0, logLevel: 'error' })
    const body = text.slice(text.indexOf('\n', end + 1) + 1).trim()
    const found = v.safeParse(Declaration, matter)
    return found.success ? { ...found.output, message: found.output.message ?? body } : undefined
  } catch {
    return undefined
  }
}
