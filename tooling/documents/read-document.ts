import { fromMarkdown } from 'mdast-util-from-markdown'

/**
 * What a Markdown document tells its reader to do, in order. Commands stand in fences of these kinds:
 *   ```sh                        a script; run in the document's scratch repository, must succeed
 *   ```console                   lines with `$ ` are commands, the others must appear in their output (`…` stands for anything)
 *   ```sh exit=3                 must end with this code
 *   ```sh test=test/e2e/x.test.ts   too big for the scratch repository: that test holds every line of it, and runs it
 *   ```md file=tasks.md          not a command: the reader writes this file
 */
export type Step =
  | { readonly kind: 'commands'; readonly line: number; readonly commands: readonly Command[] }
  | { readonly kind: 'tested'; readonly line: number; readonly test: string; readonly lines: readonly string[] }
  | { readonly kind: 'file'; readonly line: number; readonly path: string; readonly text: string }
  /** A fence that hides commands or says something this reader does not know. */
  | { readonly kind: 'refused'; readonly line: number; readonly reason: string }

export interface Command {
  readonly script: string
  readonly exit: number
  /** Lines that must appear in the output, in this order. */
  readonly output: readonly string[]
}

const scriptLanguages = new Set(['sh', 'bash', 'zsh', 'shell', 'console'])

export function readDocument(markdown: string): Step[] {
  return fences(fromMarkdown(markdown)).flatMap(({ language, meta, text, line }) => {
    const facts = readMeta(meta)
    if (facts === undefined) return [refused(line, `"${meta}" is not understood after ${language}`)]
    if (facts.file !== undefined) return [readFile(line, facts.file, text)]
    if (language !== undefined && scriptLanguages.has(language)) return [readCommands(line, language, text, facts)]
    return hidesCommands(language, text) ? [refused(line, 'commands in a fence that is not sh or console: nobody would run them')] : []
  })
}

interface Fence {
  readonly language: string | undefined
  readonly meta: string
  readonly text: string
  readonly line: number
}

interface Node {
  readonly type: string
  readonly children?: readonly Node[]
  readonly lang?: string | null | undefined
  readonly meta?: string | null | undefined
  readonly value?: string
  readonly position?: { readonly start: { readonly line: number } } | undefined
}

/** Also those in lists and quotations. */
function fences(node: Node): Fence[] {
  if (node.type === 'code') {
    return [
      {
        language: node.lang?.toLowerCase() ?? undefined,
        meta: node.meta ?? '',
        text: node.value ?? '',
        line: node.position?.start.line ?? 0,
      },
    ]
  }
  return (node.children ?? []).flatMap(fences)
}

interface Meta {
  readonly file?: string
  readonly test?: string
  readonly exit?: string
}

function readMeta(meta: string): Meta | undefined {
  const words = meta.split(' ').filter((word) => word !== '')
  if (words.some((word) => !/^(?:file=.+|test=.+|exit=\d{1,3})$/.test(word))) return undefined
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
}

function readFile(line: number, path: string, text: string): Step {
  if (path.startsWith('/') || path.split('/').includes('..')) return refused(line, `file=${path} leads out of the scratch repository`)
  return { kind: 'file', line, path, text: `${text}\n` }
}

function readCommands(line: number, language: string, text: string, { test, exit = '0' }: Meta): Step {
  const commands = language === 'console' ? readConsole(text) : [{ script: text, output: [] }]
  if (commands.length === 0) return refused(line, 'a console fence without a line that begins with "$ "')
  if (test !== undefined) return { kind: 'tested', line, test, lines: commands.flatMap(({ script }) => commandLines(script)) }
  const last = commands.length - 1
  return { kind: 'commands', line, commands: commands.map((command, at) => ({ ...command, exit: at === last ? Number(exit) : 0 })) }
}

function readConsole(text: string): { script: string; output: string[] }[] {
  const commands: { script: string; output: string[] }[] = []
  for (const line of text.split('\n')) {
    const current = commands.at(-1)
    if (line.startsWith('$ ')) commands.push({ script: line.slice(2), output: [] })
    else if (current?.script.endsWith('\\')) current.script += `\n${line.replace(/^> /, '')}`
    else if (line.trim() !== '' && line.trim() !== '…') current?.output.push(line.trim())
  }
  return commands
}

function commandLines(script: string): string[] {
  return script
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function hidesCommands(language: string | undefined, text: string): boolean {
  if (language !== undefined && language !== 'text' && language !== 'txt') return false
  return text.split('\n').some((line) => /^(?:\$ |(?:orch|npm|npx|git|node) [a-z-])/.test(line))
}

function refused(line: number, reason: string): Step {
  return { kind: 'refused', line, reason }
}
