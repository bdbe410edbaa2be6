import { plainLine } from '../../foundation/text.ts'
import type { GateFinding } from './gate.ts'

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
