import { plainLine } from '../../foundation/text.ts'
import type { GateFinding, GateRule } from './gate.ts'

/** What the person is asked. */
export function gateQuestion({ gate, why, paths }: GateFinding): string {
  const files = paths.map((path) => `- ${plainLine(path)}`)
  return [`This work stops at the gate "${gate}": it ${why}.`, ...(files.length > 0 ? ['', ...files] : [])].join('\n')
}

/** What the session hears when the person said no. `answer`: as the board renders it. */
export function gateObjection(task: string, denied: readonly { readonly finding: GateFinding; readonly answer: string }[]): string {
  const lines = denied.map(({ finding: { gate, why }, answer }) => `- ${gate} (it ${why}): ${answer}`)
  return `[orch task ${task}] Your work was validated, but the person who decides about this denied it:\n${lines.join('\n')}\n\nChange it accordingly, commit, and finish with \`orch done\`. This does not count as a failed try.`
}

/** For TASK.md: what a session should know before it decides something that is not its own to decide. */
export function gateNotes(rules: readonly GateRule[]): readonly string[] {
  if (rules.length === 0) return []
  const asked = rules.filter(({ detects }) => detects !== undefined && ASKED.has(detects))
  const found = rules.filter((rule) => !asked.includes(rule) && rule.overUsd === undefined)
  const ask = asked.map(
    ({ detects = '' }) => `- ${detects}: ask before you decide: \`orch escalate "…" --kind ${detects}\`, then end your turn.`,
  )
  const stops = found.map(
    ({ name, paths, detects }) => `- ${name}: ${paths?.map((glob) => `\`${plainLine(glob)}\``).join(', ') ?? detects}`,
  )
  const waits = 'Finished work that touches one of these waits for them, so leave alone what the task does not need:'
  return [
    '## Where only the human decides',
    '',
    ...ask,
    ...(stops.length > 0 ? [...(ask.length > 0 ? [''] : []), waits, '', ...stops] : []),
  ]
}

/** What nobody can find in a commit. */
const ASKED: ReadonlySet<string> = new Set(['security', 'architecture', 'unclear-requirement'])
