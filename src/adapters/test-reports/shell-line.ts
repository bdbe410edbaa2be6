/** A word of a shell line with its quotes taken away. */
export interface Word {
  readonly text: string
  /** Where it ends in the line. */
  readonly end: number
}

/**
 * The words of the last of the commands that a line runs one after the other, where text behind the line would become its arguments; undefined
 * where that cannot be told: pipes, redirections, substitutions, comments. Reads a line only so far as to know that.
 */
export function lastCommand(line: string): readonly Word[] | undefined {
  const commands: Word[][] = [[]]
  for (let at = 0; at < line.length;) {
    const next = line.charAt(at)
    if (/[ \t]/.test(next)) at += 1
    else if (line.startsWith('&&', at)) [at] = [at + 2, commands.push([])]
    else if (/[;\n]/.test(next)) [at] = [at + 1, commands.push([])]
    else if (/[|&<>()#]/.test(next)) return undefined
    else {
      const word = readWord(line, at)
      if (word === undefined) return undefined
      commands.at(-1)?.push(word)
      at = word.end
    }
  }
  return commands.at(-1)
}

/** Whether commands before the last one may have gone elsewhere. */
export function changesFolder(line: string): boolean {
  return /(?:^|[\s;&(])(?:cd|pushd)\s/.test(line)
}

/** Quotes, an escaped character, a plain one. Nothing that the shell would replace by more than one word. */
const PART = /'[^']*'|"(?:[^"\\`$]|\\.|\$(?![({]))*"|\\.|\$(?![({])|[^\s"'`\\$;&|<>()]/sy

/** Undefined for a word with a substitution in it, or an open quote. */
function readWord(line: string, start: number): Word | undefined {
  let text = ''
  let end = start
  while (end < line.length && !/[\s;&|<>()]/.test(line.charAt(end))) {
    PART.lastIndex = end
    const part = PART.exec(line)?.[0]
    if (part === undefined) return undefined
    text += /^['"]/.test(part) ? part.slice(1, -1) : part.replace(/^\\/, '')
    end += part.length
  }
  return { text, end }
}
