import * as v from 'valibot'

/** The shape of a rehearsal script as it is written; `script.ts` reads it, `reply-plan.ts` turns it into replies. */
const duration = v.pipe(
  v.string('a duration like 200ms, 2s, 30m or 1h'),
  v.regex(/^\d{1,6}(?:\.\d{1,3})?(?:ms|s|m|h)$/, 'a duration like 200ms, 2s, 30m or 1h'),
  v.transform(toMilliseconds),
)

const words = (what: string) => v.string(`${what} must be text (put it in quotes)`)
const count = (what: string) =>
  v.pipe(v.number(`${what} must be a number`), v.integer(`${what} must be a whole number`), v.minValue(0, `${what} must not be negative`))
const times = v.union(
  [v.literal('always'), v.pipe(v.number(), v.integer(), v.minValue(1))],
  'times must be a whole number from 1, or "always"',
)

const call = v.strictObject({
  name: v.pipe(words('name'), v.nonEmpty('the tool needs a name')),
  input: v.optional(v.record(v.string(), v.unknown()), {}),
})

const toolKeys = {
  bash: v.optional(words('bash')),
  write: v.optional(words('write')),
  content: v.optional(words('content')),
  edit: v.optional(words('edit')),
  from: v.optional(words('from')),
  to: v.optional(words('to')),
  read: v.optional(words('read')),
  tool: v.optional(call),
}

/** What a reviewing session answers. */
const verdict = v.union(
  [
    v.literal('approve'),
    v.strictObject({
      summary: v.optional(words('summary'), 'Rehearsed.'),
      findings: v.pipe(
        v.array(
          v.strictObject({
            path: words('path'),
            line: v.optional(count('line')),
            severity: v.optional(v.picklist(['must', 'should', 'note'], 'severity is must, should or note'), 'must'),
            what: words('what'),
            loss: v.optional(words('loss'), 'not said'),
          }),
          'findings must be a list',
        ),
        v.minLength(1, 'findings must not be empty'),
      ),
    }),
  ],
  'verdict is approve, or a mapping with findings',
)

type ToolWords = v.InferOutput<v.StrictObjectSchema<typeof toolKeys, undefined>>
const toolNames = ['bash', 'write', 'edit', 'read', 'tool'] as const

const tool = v.pipe(
  v.strictObject(toolKeys),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const message of pairProblems(dataset.value)) addIssue({ message })
    const named = toolNames.filter((name) => dataset.value[name] !== undefined)
    if (named.length !== 1)
      addIssue({
        message: `a tool call is exactly one of ${toolNames.join(', ')}${named.length > 1 ? `; here are ${named.join(' and ')}` : ''}`,
      })
  }),
)

const failureKinds = ['stalled', 'cut', 'cut-in-tool', 'error-event', 'no-stop', 'reset', 'refused', 'billing', 'prompt-too-long'] as const
const failureStatuses = [400, 401, 403, 404, 413, 429, 500, 529] as const

const failure = v.union(
  [
    v.pipe(
      v.picklist(failureKinds),
      v.transform((kind) => ({ kind, times: 1 as number | 'always' })),
    ),
    v.pipe(
      v.picklist(failureStatuses),
      v.transform((status) => ({ status, times: 1 as number | 'always' })),
    ),
    v.pipe(
      v.strictObject({
        status: v.optional(v.picklist(failureStatuses)),
        kind: v.optional(v.picklist(failureKinds)),
        message: v.optional(v.string()),
        'retry-after': v.optional(v.pipe(v.number(), v.minValue(0))),
        for: v.optional(duration),
        times: v.optional(times, 1),
      }),
      v.check((value) => (value.status === undefined) !== (value.kind === undefined), 'a failure has either a status or a kind'),
    ),
  ],
  `a failure is a status (${failureStatuses.join(', ')}), a kind (${failureKinds.join(', ')}), or a mapping with one of them and times, retry-after, for, message`,
)

const limit = v.strictObject({
  type: v.optional(
    v.picklist(
      ['five_hour', 'seven_day', 'seven_day_opus', 'seven_day_sonnet'],
      'type is five_hour, seven_day, seven_day_opus or seven_day_sonnet',
    ),
    'five_hour',
  ),
  'resets-in': v.optional(duration, '30m'),
  /** The share that is used, 0 to 1. Below 1 the step is answered, with headers that say so. */
  used: v.optional(
    v.pipe(
      v.number('used is a number from 0 to 1'),
      v.minValue(0, 'used is a number from 0 to 1'),
      v.maxValue(1, 'used is a number from 0 to 1'),
    ),
    1,
  ),
  everyone: v.optional(v.boolean('everyone is true or false'), false),
})

const usage = v.strictObject({
  input: v.optional(count('input')),
  output: v.optional(count('output')),
  'cache-read': v.optional(count('cache-read')),
  'cache-write': v.optional(count('cache-write')),
})

const step = v.pipe(
  v.strictObject(
    {
      ...toolKeys,
      text: v.optional(words('text')),
      tools: v.optional(v.pipe(v.array(tool, 'tools must be a list'), v.minLength(1, 'tools must not be empty'))),
      ask: v.optional(v.union([words('ask'), tool], 'ask is a shell command or a tool call')),
      end: v.optional(words('end')),
      verdict: v.optional(verdict),
      delay: v.optional(duration),
      fail: v.optional(failure),
      limit: v.optional(limit),
      usage: v.optional(usage),
    },
    'a step is a mapping like `- bash: npm test`',
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const message of pairProblems(dataset.value)) addIssue({ message })
    const acts = ([...toolNames, 'tools', 'ask', 'end', 'verdict'] as const).filter((name) => dataset.value[name] !== undefined)
    if (acts.length > 1)
      addIssue({ message: `a step does one thing; here are ${acts.join(' and ')} (several calls in one answer: tools: [ … ])` })
    if (Object.keys(dataset.value).length === 0) addIssue({ message: 'a step must not be empty' })
  }),
)

const steps = v.pipe(v.array(step, 'steps must be a list'), v.minLength(1, 'steps must not be empty'))

const session = v.strictObject({
  match: v.pipe(
    v.strictObject(
      {
        task: v.optional(words('task')),
        prompt: v.optional(words('prompt')),
        review: v.optional(words('review')),
        by: v.optional(words('by')),
      },
      'match needs task:, prompt: or review:',
    ),
    v.check(
      ({ task, prompt = '', review }) => task !== undefined || prompt !== '' || review !== undefined,
      'match needs task:, prompt: or review:',
    ),
    v.check(
      ({ task, review, by }) => (by === undefined || review !== undefined) && (review === undefined || task === undefined),
      'by: goes with review:, which has no task:',
    ),
  ),
  'model-delay': v.optional(duration),
  steps,
  turns: v.optional(
    v.array(v.strictObject({ when: v.pipe(words('when'), v.nonEmpty('when must not be empty')), steps }), 'turns must be a list'),
    [],
  ),
})

export const scriptSchema = v.strictObject(
  {
    sessions: v.optional(v.array(session, 'sessions must be a list'), []),
    default: v.optional(v.union([v.literal('small-commit'), steps], 'default is small-commit or a list of steps'), 'small-commit'),
    'model-delay': v.optional(duration),
  },
  'a script is a mapping with sessions: and default:',
)

export type WrittenScript = v.InferOutput<typeof scriptSchema>
export type WrittenStep = v.InferOutput<typeof step>
export type WrittenTool = v.InferOutput<typeof tool>
export type WrittenFailure = v.InferOutput<typeof failure>
export type WrittenLimit = v.InferOutput<typeof limit>
export type WrittenVerdict = v.InferOutput<typeof verdict>
export type WrittenUsage = v.InferOutput<typeof usage>

function pairProblems(value: ToolWords): string[] {
  const problems: string[] = []
  if ((value.write === undefined) !== (value.content === undefined)) problems.push('write and content go together')
  if (value.edit !== undefined && (value.from === undefined || value.to === undefined)) problems.push('edit needs from and to')
  if (value.edit === undefined && (value.from !== undefined || value.to !== undefined)) problems.push('from and to belong to edit')
  return problems
}

function toMilliseconds(text: string): number {
  const unit = text.endsWith('ms') ? 1 : text.endsWith('s') ? 1000 : text.endsWith('m') ? 60_000 : 3_600_000
  return Math.round(Number.parseFloat(text) * unit)
}
