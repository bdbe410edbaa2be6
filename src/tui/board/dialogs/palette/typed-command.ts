import { shellWord } from '../../../../foundation/shell.ts'
import { shellWords } from '../../../../foundation/shell-words.ts'

/** A line of the palette as it stands: the words that are done, and the one at its end. */
export interface Unfinished {
  readonly words: readonly string[]
  readonly last: string
  /** What stands before that word, as it was typed. */
  readonly before: string
}

/** Undefined while a quote is open. */
export function unfinishedOf(line: string): Unfinished | undefined {
  const parted = shellWords(line)
  if (parted.kind === 'unclosed') return undefined
  if (line === '' || /\s$/.test(line)) return { words: withoutName(parted.words), last: '', before: line }
  const last = parted.words.at(-1) ?? ''
  // Where quotes were typed the word begins further left than it is long.
  const before = line.endsWith(last) ? line.slice(0, line.length - last.length) : undefined
  return before === undefined ? undefined : { words: withoutName(parted.words.slice(0, -1)), last, before }
}

export function withCandidate({ before }: Unfinished, candidate: string): string {
  return `${before}${shellWord(candidate)} `
}

export type TypedCommand =
  | { readonly kind: 'run' | 'hand over'; readonly argv: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }

/** What a person has typed after `orch`; the name itself may stand there too. */
export function commandOf(line: string): TypedCommand {
  const parted = shellWords(line)
  if (parted.kind === 'unclosed') return { kind: 'refused', why: `The quote ${parted.quote} is not closed.` }
  const argv = withoutName(parted.words)
  if (argv.length === 0) return { kind: 'refused', why: 'Type a command: Tab completes it.' }
  if (argv[0] === 'ui') return { kind: 'refused', why: 'You are in it.' }
  return { kind: needsTerminal(argv) ? 'hand over' : 'run', argv }
}

/** It draws screens, goes on until it is interrupted, or reads what is typed. */
function needsTerminal(argv: readonly string[]): boolean {
  const [command = ''] = argv
  if (['review', 'attach', 'rehearse', 'mcp'].includes(command))
    return !argv.some((word) => ['--list', '--json', '--help', '-h'].includes(word))
  return argv.some(
    (word, at) =>
      word === '--follow' ||
      word === '--watch' ||
      word === '-f' ||
      word.endsWith('-file=-') ||
      (word === '-' && argv[at - 1]?.endsWith('-file') === true),
  )
}

function withoutName(words: readonly string[]): readonly string[] {
  return words[0] === 'orch' ? words.slice(1) : words
}
