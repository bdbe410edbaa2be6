import * as v from 'valibot'
import { OUTBOX_KINDS, type OutboxFile } from './outbox-file.ts'

const MOST_NAMES = 100
const Line = v.pipe(v.string(), v.maxLength(500))
const Words = v.pipe(v.string(), v.maxLength(4000))
const Commit = v.pipe(v.string(), v.regex(/^([0-9a-f]{40}([0-9a-f]{24})?)?$/))
/** `a, b` or a list. */
const Names = v.pipe(
  v.union([
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
    ),
    v.array(Line),
  ]),
  v.transform((names) => names.map((name) => name.trim()).filter((name) => name !== '')),
  v.maxLength(MOST_NAMES),
)
const Texts = v.pipe(
  v.union([
    v.pipe(
      Line,
      v.transform((text) => [text]),
    ),
    v.array(Line),
  ]),
  v.maxLength(MOST_NAMES),
)

const Matter = v.object({
  v: v.literal(1),
  kind: v.picklist(OUTBOX_KINDS),
  at: v.optional(
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.check((at) => Number.isFinite(Date.parse(at)), 'no time'),
    ),
  ),
  from: v.optional(Line),
  to: v.optional(Names),
  commit: v.optional(Commit),
  paths: v.optional(Texts),
  about: v.optional(v.object({ commit: v.optional(Commit), paths: v.optional(Texts) })),
  inReplyTo: v.optional(Line),
  reply: v.optional(Line),
  because: v.optional(Words),
  affects: v.optional(Names),
  supersedes: v.optional(Line),
  options: v.optional(Texts),
  decision: v.optional(v.picklist(['approve', 'deny'])),
  gate: v.optional(Line),
  project: v.optional(Line),
  feature: v.optional(Line),
  request: v.optional(Line),
  answers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(10_000))), v.minLength(1), v.maxLength(20))),
  message: v.optional(v.string()),
})

/** `matter` is whatever the front matter said. Undefined when it is anything else than a file of an outbox. */
export function parseOutboxFile(matter: unknown, body: string): OutboxFile | undefined {
  const found = v.safeParse(Matter, matter)
  if (!found.success) return undefined
  const { v: _version, about, reply, message, commit, paths, inReplyTo, ...facts } = found.output
  const named = {
    ...facts,
    commit: (commit ?? about?.commit) || undefined,
    paths: (paths ?? about?.paths)?.filter(isInside),
    inReplyTo: inReplyTo ?? reply,
  }
  return { ...present(named), text: message ?? body } as OutboxFile
}

/** Nobody opens these, but what looks like a path of the repository should be one. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
}

function present(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
