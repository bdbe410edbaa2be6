import MarkdownIt from 'markdown-it'

/**
 * The list items of a Markdown file that carry a check box, by the rules of CommonMark and GitHub's task lists.
 *
 * The file is read as bytes, one character for each: the block structure of Markdown is decided by ASCII alone, so
 * offsets are byte offsets whatever the encoding, and a file with invalid UTF-8 is read like any other.
 * Only block structure is parsed, in time linear to the file (inline markup stays the text it is).
 */
export interface OutlineItem {
  readonly isDone: boolean
  /** 0-based. */
  readonly line: number
  readonly boxOffset: number
  readonly title: string
  /** Bullet lists directly in the item: candidates for attributes. */
  readonly lists: readonly OutlineList[]
  /** The lines under the title, dedented, without the line ranges that `omit` takes away. */
  body(omit: readonly LineRange[]): string
}

export interface OutlineList {
  readonly lines: LineRange
  readonly items: readonly OutlineListItem[]
}

export interface OutlineListItem {
  readonly lines: LineRange
  /** The item's first paragraph on one line; undefined when the item holds more than that and one plain list. */
  readonly text: string | undefined
  /** The texts of a list below the paragraph. */
  readonly values: readonly string[]
}

/** 0-based, the end excluded. */
export interface LineRange {
  readonly from: number
  readonly to: number
}

/** A check box that Markdown does not take for one: `- []`, `- [ ]Title`. */
export interface MalformedBox {
  readonly line: number
  readonly text: string
}

export function parseOutline(bytes: Uint8Array): { items: OutlineItem[]; malformed: MalformedBox[] } {
  const file = readLines(bytes)
  const found: { items: OutlineItem[]; malformed: MalformedBox[] } = { items: [], malformed: [] }
  collectItems(toTree(blockParser().parse(file.lines.map((line) => line.text).join('\n'), {})), file, found)
  return found
}

/** Deeper nesting than this is dropped by the parser: it keeps hostile files linear. */
const DEEPEST = 100

function blockParser(): ReturnType<typeof MarkdownIt> {
  const markdown = new MarkdownIt('commonmark', { maxNesting: DEEPEST })
  markdown.core.ruler.enableOnly(['normalize', 'block'])
  // `reference` and `lheading` would turn `- [x]: …` and a title above a line of dashes into something that is no task.
  return markdown.disable(['reference', 'lheading'])
}

interface SourceFile {
  readonly bytes: Uint8Array
  readonly lines: readonly { readonly text: string; readonly offset: number }[]
}

interface Block {
  readonly type: string
  readonly lines: LineRange
  readonly content: string
  readonly children: readonly Block[]
}

function readLines(bytes: Uint8Array): SourceFile {
  const lines: { text: string; offset: number }[] = []
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  let start = hasMark ? 3 : 0
  for (let index = start; index <= bytes.length; index++) {
    const byte = bytes[index]
    if (byte !== 0x0a && byte !== 0x0d && byte !== undefined) continue
    lines.push({ text: onePerByte(bytes.subarray(start, index)), offset: start })
    if (byte === 0x0d && bytes[index + 1] === 0x0a) index++
    start = index + 1
  }
  return { bytes, lines }
}

function onePerByte(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 4096) text += String.fromCharCode(...bytes.subarray(index, index + 4096))
  return text
}

function toTree(tokens: ReturnType<ReturnType<typeof MarkdownIt>['parse']>): Block[] {
  const root: Block[] = []
  const open: Block[][] = [root]
  for (const token of tokens) {
    const siblings = open.at(-1) ?? root
    if (token.nesting === -1) {
      open.pop()
    } else {
      const children: Block[] = []
      const [from, to] = token.map ?? [0, 0]
      siblings.push({ type: token.type, lines: { from, to }, content: token.content, children })
      if (token.nesting === 1) open.push(children)
    }
  }
  return root
}

/** Tasks stand in lists, also below plain items that only group them; boxes inside a task are its acceptance criteria. */
function collectItems(blocks: readonly Block[], file: SourceFile, found: { items: OutlineItem[]; malformed: MalformedBox[] }): void {
  for (const list of blocks) {
    if (!isList(list)) continue
    for (const item of list.children) {
      const box = boxOf(item, file)
      if (box === 'malformed') found.malformed.push({ line: item.lines.from, text: firstLineOf(item, file)?.text ?? '' })
      else if (box !== undefined) found.items.push(toItem(item, box, file))
      else collectItems(item.children, file, found)
    }
  }
}

function isList(block: Block): boolean {
  return block.type === 'bullet_list_open' || block.type === 'ordered_list_open'
}

interface FirstLine {
  readonly line: number
  /** Where the paragraph's text begins in the line. */
  readonly column: number
  /** One character for each byte. */
  readonly text: string
}

function firstLineOf(item: Block, file: SourceFile): FirstLine | undefined {
  const paragraph = item.children[0]
  const content = paragraph?.type === 'paragraph_open' ? paragraph.children[0]?.content : undefined
  const source = paragraph && file.lines[paragraph.lines.from]
  if (paragraph === undefined || content === undefined || source === undefined) return undefined
  // The text is the end of its line; both are trimmed alike, so the difference of lengths is where it begins.
  const column = source.text.trimEnd().length - (content.split('\n', 1)[0] ?? '').trimEnd().length
  return { line: paragraph.lines.from, column, text: source.text.slice(column) }
}

function boxOf(item: Block, file: SourceFile): FirstLine | 'malformed' | undefined {
  const first = firstLineOf(item, file)
  if (first === undefined || first.text[0] !== '[') return undefined
  if (first.text[1] === ']') return isBlankOrEnd(first.text[2]) ? 'malformed' : undefined
  if (first.text[2] !== ']' || !' \txX'.includes(first.text[1] ?? '.')) return undefined
  if (isBlankOrEnd(first.text[3])) return first
  // `[x](…)`, `[x][…]` and `[x]:` are links.
  return '([:'.includes(first.text[3] ?? '') ? undefined : 'malformed'
}

function isBlankOrEnd(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\t'
}

function toItem(item: Block, box: FirstLine, file: SourceFile): OutlineItem {
  const offset = (file.lines[box.line]?.offset ?? 0) + box.column
  return {
    isDone: box.text[1] === 'x' || box.text[1] === 'X',
    line: box.line,
    boxOffset: offset + 1,
    title: decode(box.text.slice(3)).trim(),
    lists: item.children.filter((child) => child.type === 'bullet_list_open').map((list) => toList(list, file)),
    body: (omit) => bodyOf({ from: box.line + 1, to: item.lines.to }, omit, indentOf(box, file), file),
  }
}

function toList(list: Block, file: SourceFile): OutlineList {
  return { lines: list.lines, items: list.children.map((item) => toListItem(item, file)) }
}

function toListItem(item: Block, file: SourceFile): OutlineListItem {
  const [paragraph, below, ...more] = item.children
  const isSimple = paragraph?.type === 'paragraph_open' && more.length === 0 && (below === undefined || isList(below))
  return {
    lines: item.lines,
    text: isSimple ? paragraphText(item, paragraph, file) : undefined,
    values: (below?.children ?? []).map((child) => paragraphText(child, child.children[0], file)),
  }
}

function paragraphText(item: Block, paragraph: Block | undefined, file: SourceFile): string {
  const first = firstLineOf(item, file)
  if (first === undefined || paragraph === undefined) return ''
  const rest = file.lines.slice(first.line + 1, paragraph.lines.to).map((line) => line.text)
  return [first.text, ...rest].map((line) => decode(line).trim()).join(' ')
}

/** The column of the item's text, tabs at stops of four as Markdown has them. */
function indentOf(box: FirstLine, file: SourceFile): number {
  let column = 0
  for (const character of file.lines[box.line]?.text.slice(0, box.column) ?? '') column += character === '\t' ? 4 - (column % 4) : 1
  return column
}

function bodyOf(range: LineRange, omit: readonly LineRange[], indent: number, file: SourceFile): string {
  const kept: string[] = []
  const omitted = new Set(omit.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)))
  for (let line = range.from; line < range.to; line++) {
    if (!omitted.has(line)) kept.push(dedent(decode(file.lines[line]?.text ?? ''), indent))
  }
  const first = kept.findIndex((line) => line.trim() !== '')
  return first < 0 ? '' : kept.slice(first, kept.findLastIndex((line) => line.trim() !== '') + 1).join('\n')
}

function dedent(line: string, indent: number): string {
  let column = 0
  let index = 0
  while (column < indent && (line[index] === ' ' || line[index] === '\t')) {
    column += line[index] === '\t' ? 4 - (column % 4) : 1
    index++
  }
  return ' '.repeat(Math.max(0, column - indent)) + line.slice(index)
}

const utf8 = new TextDecoder('utf-8')

function decode(text: string): string {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return utf8.decode(bytes)
}
