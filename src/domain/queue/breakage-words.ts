import { plainLine } from '../../foundation/text.ts'
import type { Breakage } from './entry.ts'

/** One line for people. */
export function breakageWords(breakage: Breakage, target: string): string {
  switch (breakage.kind) {
    case 'conflicts': {
      const other = breakage.with === undefined ? target : `${breakage.with}, which has landed on ${target}`
      // Where nothing is shared, no file can be named.
      if (breakage.files.length === 0) return plainLine(`shares no history with ${target}`, 500)
      return plainLine(`conflicts with ${other} in ${some(breakage.files)}`, 500)
    }
    case 'fails': {
      const tests = breakage.failures.map((failure) => failure.name)
      const what = tests.length === 0 ? breakage.step : `${breakage.step}: ${some(tests)}`
      const where = breakage.with === undefined ? `merged with ${target}` : `merged with ${breakage.with}`
      // The summary of a report counts the same tests once more.
      return plainLine(`fails ${what}, ${where}${tests.length === 0 ? `: ${breakage.summary}` : ''}`, 500)
    }
    case 'group':
      return plainLine(`belongs to ${breakage.group}, which lands as a whole: ${breakage.because}`, 500)
  }
}

/** What a person types where a branch shares no history with its target. */
export function unrelatedNext(target: string, branch: string): string {
  return `git rebase --root --onto ${target} ${branch}, then orch merge ${branch}`
}

function some(names: readonly string[]): string {
  const more = names.length - 3
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
