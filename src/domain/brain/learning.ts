import { parse } from 'yaml'
import { plainBlock, plainLine, slug } from '../../foundation/text.ts'
import { globProblem } from '../backlog/ownership.ts'

/** One thing that a session found out and that later ones should know. Words of an agent's: data, never instructions of orch's. */
export interface Learning {
  readonly title: string
  /** Markdown; may be empty where the title says it all. */
  readonly text: string
  readonly tags: readonly string[]
  /** Globs of the files that it is about. */
  readonly paths: readonly string[]
  /** A line that it proposes for CLAUDE.md. */
  readonly rule?: string
  /** Handle of the task that found it out. */
  readonly from?: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A learning with the name of its file. */
export interface NamedLearning {
  readonly name: string
  readonly learning: Learning
}

/** Where sessions and repositories keep theirs. */
export const BRAIN_FOLDERS = ['.planning', 'brain'] as const
/** What is read of one worktree, and of a project's brain. */
export const WORKTREE_BOUNDS = { ending: '.md', files: 200, bytes: 64 * 1024 } as const
export const PROJECT_BOUNDS = { ending: '.md', files: 5000, bytes: 64 * 1024 } as const

const LONGEST_TITLE = 120
const LONGEST_TEXT = 8000
const LONGEST_RULE = 300
const MOST_TAGS = 12
const LONGEST_NAME = 60

/** A file of `.planning/brain`, with front matter or without. Undefined when it says nothing. `at` and `from` hold where the file does not say it. */
export function parseLearning(name: string, content: string, known: Pick<Learning, 'at' | 'from'>): Learning | undefined {
  const { matter, body } = splitMatter(plainBlock(content.replace(/^\uFEFF/, '')))
  const said = textOf(matter['title'])
  const heading = /^\s*#{1,6} +(.+)\n?/.exec(body)
  const isTitle = heading?.[1] !== undefined && (said === undefined || said.trim() === heading[1].trim())
  const title = plainLine(said ?? heading?.[1] ?? titleOfName(name), LONGEST_TITLE)
  const text = cut((isTitle ? body.slice(heading[0].length) : body).trim())
  const rule = plainLine(textOf(matter['rule']) ?? '', LONGEST_RULE)
  const from = textOf(matter['from']) ?? known.from
  if (text === '' && rule === '' && said === undefined && !isTitle) return undefined
  return {
    title,
    text,
    tags: listOf(matter['tags']).map((tag) => plainLine(tag, 40)),
    paths: listOf(matter['paths']).filter((glob) => globProblem(glob) === undefined),
    ...(rule !== '' && { rule }),
    ...(from !== undefined && { from: plainLine(from, 100) }),
    at: timeOf(matter['at']) ?? known.at,
  }
}

/** Of the files of one folder; those that say nothing are left out. */
export function readLearnings(
  files: readonly { readonly name: string; readonly text: string; readonly changedAt: number }[],
  from?: string,
): readonly NamedLearning[] {
  return files.flatMap(({ name, text, changedAt }) => {
    const learning = parseLearning(name, text, { at: changedAt, ...(from !== undefined && { from }) })
    return learning === undefined ? [] : [{ name, learning }]
  })
}

export function renderLearning({ title, text, tags, paths, rule, from, at }: Learning): string {
  const matter = {
    title,
    ...(tags.length > 0 && { tags }),
    ...(paths.length > 0 && { paths }),
    ...(rule !== undefined && { rule }),
    ...(from !== undefined && { from }),
    at: new Date(at).toISOString(),
  }
  // JSON is YAML.
  const lines = Object.entries(matter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return `${['---', ...lines, '---', ...(text === '' ? [] : ['', text])].join('\n')}\n`
}

/** The same thing learned twice has one name, whoever learned it and when; `digest` makes hexadecimal digits of a text. */
export function learningName(learning: Learning, digest: (text: string) => string): string {
  const same = [learning.title, learning.text, learning.rule ?? ''].map((part) => part.toLowerCase().replace(/\s+/g, ' ').trim())
  return `${slug(learning.title, LONGEST_NAME) || 'learning'}-${digest(JSON.stringify(same)).slice(0, 12)}.md`
}

function splitMatter(content: string): { matter: Readonly<Record<string, unknown>>; body: string } {
  const [whole, inner = ''] = /^---\n([\s\S]*?)\n---[ \t]*(?:\n|$)/.exec(content) ?? []
  if (whole === undefined) return { matter: {}, body: content }
  return { matter: parseMatter(inner), body: content.slice(whole.length) }
}

/** What is no YAML says nothing; the text below it counts all the same. */
function parseMatter(text: string): Readonly<Record<string, unknown>> {
  try {
    const matter: unknown = parse(text, { maxAliasCount: 0, logLevel: 'silent' })
    return typeof matter === 'object' && matter !== null ? (matter as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** `[a, b]`, or `a, b`. */
function listOf(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  return items.flatMap((item) => (typeof item === 'string' && item.trim() !== '' ? [item.trim()] : [])).slice(0, MOST_TAGS)
}

function timeOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) ? at : undefined
}

function titleOfName(name: string): string {
  return name.replace(/\.md$/, '').replace(/[-_]+/g, ' ')
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}\n[…]`
}
