import { plainLine } from '../../foundation/text.ts'
import type { Breakage } from './entry.ts'

/** One line for people. */
export function breakageWords(breakage: Breakage, target: string): string {
  switch (breakage.kind) {
    case 'conflicts': {
      const other = breakage.with === undefined ? target : `${breakage.with}, which has landed on ${target}`
      return plainLine(`conflicts with ${other} in ${some(breakage.files)}`, 500)
    }
    case 'fails': {
      const tests = breakage.failures.map((failure) => failure.name)
      const what = tests.length === 0 ? breakage.step : `${breakage.step}: ${some(tests)}`
      const where = breakage.with === undefined ? `merged with ${target}` : `merged with ${breakage.with}`
      return plainLine(`fails ${what}, ${where}: ${breakage.summary}`, 500)
    }
    case 'group':
      return plainLine(`belongs to ${breakage.group}, which lands as a whole: ${breakage.because}`, 500)
  }
}

function some(names: readonly string[]): string {
  const more = names.length - 3
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
