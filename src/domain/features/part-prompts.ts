import { plainLine } from '../../foundation/text.ts'

/** What orch says to a department besides its TASK.md. It costs tokens at each request, so it is short. */

export interface PartFacts {
  /** `pay.backend` */
  readonly task: string
  readonly title: string
  readonly department: string
  readonly colleagues: readonly string[]
  readonly hasDiscovery: boolean
  readonly validate?: string
  readonly unmerged: readonly { readonly department: string; readonly commit: string; readonly files: readonly string[] }[]
}

/** The first line names the task in brackets: the scripted model and people find the session by it. */
export function partFirstPrompt({ task, title, department, colleagues, hasDiscovery, validate, unmerged }: PartFacts): string {
  return [
    `[orch task ${task}] ${plainLine(title, 200)}`,
    '',
    `You are its department ${department}. Read TASK.md and do that part. Work only in this directory and on its branch.`,
    ...(hasDiscovery ? [discoveryWords(colleagues)] : []),
    ...unmergedWords(unmerged),
    ...(colleagues.length > 0
      ? [
          `Beside you: ${colleagues.join(', ')}. Ask instead of guessing: \`orch ask <department> "…"\`; log decisions with \`orch decide\`.`,
        ]
      : []),
    'Commit in small steps. Keep AGENT_NOTES.md current: decisions, surprises, what is left.',
    'What later sessions must know goes into `.planning/brain/<topic>.md`, one thing a file.',
    validate === undefined ? 'Check your work before you finish.' : `Make \`${plainLine(validate, 200).replaceAll('`', "'")}\` pass.`,
    'When all is committed, run `orch done`. What only a person can decide: `orch escalate "…"`.',
  ].join('\n')
}

/** A plan that is written before the first edit is what the others can build on. */
function discoveryWords(colleagues: readonly string[]): string {
  const to = colleagues.length > 0 ? ' for the others' : ''
  return `Before you edit anything, read what your part touches, then write${to} in one short message your plan, your integration points and your contract (types, addresses, names): \`orch context all "…"\`.`
}

function unmergedWords(unmerged: PartFacts['unmerged']): string[] {
  if (unmerged.length === 0) return []
  return ['These would not merge; begin with them:', ...unmerged.map(mergeLine)]
}

function mergeLine({ department, commit, files }: PartFacts['unmerged'][number]): string {
  return `- \`git merge ${commit}\` (${plainLine(department)}): conflicts in ${plainLine(files.slice(0, 20).join(', '), 500)}`
}

/** A department has gone on after the integration began with its earlier work. */
export function takeInPrompt(task: string, moved: readonly { readonly department: string; readonly commit: string }[]): string {
  return [
    `[orch task ${task}] New work has to be taken in:`,
    ...moved.map(({ department, commit }) => `- \`git merge ${commit}\` (${plainLine(department)})`),
    'Keep the meaning of both sides, run the whole suite, commit, then `orch done`.',
  ].join('\n')
}
