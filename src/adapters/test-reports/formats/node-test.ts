import * as v from 'valibot'
import type { GatheredTests } from '../gathered-tests.ts'

/** The lines of our own reporter. Suites are told of only where they fail by themselves, in a hook of theirs. */
export function readNodeTest(text: string, tests: GatheredTests): void {
  for (const line of text.split('\n')) {
    const told = line === '' ? undefined : parse(line)
    if (told === undefined) continue
    const { names, file, line: at, result, isSkipped, isSuite, kind, message = '' } = told
    if (isSkipped) tests.skip()
    else if (result === 'failed' && kind !== 'subtestsFailed') tests.fail({ names, file, line: at, message })
    else if (result === 'passed' && !isSuite) tests.pass({ names, file })
  }
}

const Line = v.object({
  names: v.pipe(
    v.array(v.nullable(v.string())),
    v.transform((names) => names.filter((name) => name !== null)),
  ),
  file: v.optional(v.string()),
  line: v.optional(v.number()),
  result: v.picklist(['passed', 'failed']),
  isSkipped: v.boolean(),
  isSuite: v.boolean(),
  kind: v.optional(v.string()),
  message: v.optional(v.string()),
})

/** The last line may be cut off. */
function parse(line: string): v.InferOutput<typeof Line> | undefined {
  try {
    return v.parse(Line, JSON.parse(line))
  } catch {
    return undefined
  }
}
