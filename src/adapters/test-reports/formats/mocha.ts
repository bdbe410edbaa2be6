import * as v from 'valibot'
import type { GatheredTests } from '../gathered-tests.ts'

/** Mocha's JSON. It joins the names that a test stands in with a space, so they are one name here. */
export function readMocha(text: string, tests: GatheredTests): void {
  const { passes, failures, pending } = v.parse(Report, JSON.parse(text))
  for (const { file, fullTitle } of passes) tests.pass({ file: file ?? undefined, names: [fullTitle] })
  for (const { file, fullTitle, err } of failures) {
    const said = err?.stack ?? err?.message
    tests.fail({ file: file ?? undefined, names: [fullTitle], message: typeof said === 'string' ? said : '' })
  }
  for (const _ of pending) tests.skip()
}

const Test = v.object({
  fullTitle: v.string(),
  file: v.nullish(v.string()),
  err: v.optional(v.object({ message: v.optional(v.unknown()), stack: v.optional(v.unknown()) })),
})
const Report = v.object({ passes: v.array(Test), failures: v.array(Test), pending: v.array(v.unknown()) })
