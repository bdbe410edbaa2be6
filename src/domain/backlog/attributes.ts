import { MOST_ATTEMPTS } from '../attempts/contest-facts.ts'
import type { TaskId } from '../../foundation/brand.ts'
import { parseTaskId } from '../../foundation/brand.ts'
import { nearest } from '../../foundation/suggestion.ts'
import type { BacklogProblem, BacklogProblemCode } from './backlog-problem.ts'
import type { LineRange, OutlineItem, OutlineList, OutlineListItem } from './outline.ts'
import { globProblem, splitGlobs } from './ownership.ts'

export interface Attributes {
  id?: TaskId
  /** As written: ids or titles. */
  needs?: readonly string[]
  owns?: readonly string[]
  validate?: string
  retries?: number
  attempts?: number
  attemptModels?: readonly string[]
  department?: string
  model?: string
  budgetUsd?: number
}

/** What the nested lists of a task say about it, and which lines say it (the rest is the task's body). */
export function readAttributes(item: OutlineItem): {
  attributes: Attributes
  lines: LineRange[]
  needsLine: number
  problems: BacklogProblem[]
} {
  const attributes: Attributes = {}
  const lines: LineRange[] = []
  const problems: BacklogProblem[] = []
  const seen = new Set<string>()
  let needsLine = item.line + 1
  for (const { key, value, values, at } of item.lists.flatMap(attributeItems)) {
    lines.push(at)
    const refuse = (code: BacklogProblemCode, message: string, suggestion?: string) =>
      problems.push({ code, line: at.from + 1, message, ...(suggestion === undefined ? {} : { suggestion }) })
    const reader = readers[key.toLowerCase()]
    if (reader === undefined) {
      const suggestion = nearest(key, Object.keys(readers))
      refuse(
        'unknown-attribute',
        `unknown attribute "${key}"${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
        suggestion,
      )
    } else if (seen.has(key.toLowerCase())) {
      refuse('repeated-attribute', `"${key}" is given twice for this task`)
    } else {
      seen.add(key.toLowerCase())
      if (key.toLowerCase() === 'needs') needsLine = at.from + 1
      const wrong = reader(attributes, value, values)
      if (wrong !== undefined) refuse('bad-value', `${key}: ${wrong}`)
    }
  }
  return { attributes, lines, needsLine, problems }
}

interface AttributeItem {
  readonly key: string
  readonly value: string
  readonly values: readonly string[]
  readonly at: LineRange
}

/**
 * A list is one of attributes when an item names one. Its items of other words are then mistakes, not prose, if they
 * look like attributes; in a list that names none, only a near miss in lower case is (`need: api`), so that prose stays prose.
 */
function attributeItems(list: OutlineList): AttributeItem[] {
  const shaped = list.items.flatMap((item) => toAttribute(item) ?? [])
  const isKnown = ({ key }: AttributeItem) => Object.hasOwn(readers, key.toLowerCase())
  const isNear = ({ key }: AttributeItem) => key === key.toLowerCase() && nearest(key, Object.keys(readers)) !== undefined
  if (shaped.some(isKnown)) return shaped.filter((item) => isKnown(item) || isNear(item) || shaped.length === list.items.length)
  return shaped.length === list.items.length ? shaped.filter(isNear) : []
}

function toAttribute(item: OutlineListItem): AttributeItem | undefined {
  const colon = item.text?.indexOf(':') ?? -1
  if (item.text === undefined || colon < 1) return undefined
  const key = withoutMarks(item.text.slice(0, colon).trim())
  const value = item.text.slice(colon + 1)
  const isWord = /^[A-Za-z][A-Za-z-]*$/.test(key)
  const isSpaced = value === '' || value.startsWith(' ') || value.startsWith('\t')
  if (!isWord || (!isSpaced && !Object.hasOwn(readers, key.toLowerCase()))) return undefined
  return { key, value: value.trim(), values: item.values, at: item.lines }
}

/** Formatters and people write `**needs**:` and `` `id`: `` too. */
function withoutMarks(text: string): string {
  for (const mark of ['**', '__', '*', '_', '`']) {
    if (text.length > 2 * mark.length && text.startsWith(mark) && text.endsWith(mark)) return text.slice(mark.length, -mark.length)
  }
  return text
}

const MOST_GLOBS = 50
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,99}$/

/** Reads a value into the attributes, or answers what is wrong with it. */
type Reader = (into: Attributes, value: string, values: readonly string[]) => string | undefined

const readers: Readonly<Record<string, Reader>> = {
  id: (into, value) => {
    const id = parseTaskId(literal(value))
    if (id === undefined) return 'an id has lower-case letters, digits and single dashes, at most 60 in all'
    into.id = id
    return undefined
  },
  needs: (into, value, values) => {
    const needs = (values.length > 0 ? [...split(value), ...values] : split(value)).map(literal).filter((need) => need !== '')
    if (needs.length === 0) return 'names no task; leave the line out if nothing is needed'
    into.needs = needs
    return undefined
  },
  owns: (into, value, values) => {
    const globs = [value, ...values]
      .flatMap((text) => splitGlobs(literal(text)))
      .map(literal)
      .filter((glob) => glob !== '')
    if (globs.length === 0) return 'names no path'
    if (globs.length > MOST_GLOBS) return `names more than ${MOST_GLOBS} globs`
    into.owns = globs
    return globs.map(globProblem).find((problem) => problem !== undefined)
  },
  validate: (into, value) => {
    const command = codeSpan(value) ?? value
    if (command === '') return 'has no command'
    into.validate = command
    return undefined
  },
  retries: (into, value) => {
    const retries = Number(value)
    if (!/^[0-9]+$/.test(value) || retries < 1 || retries > 20) return 'is a number from 1 to 20'
    into.retries = retries
    return undefined
  },
  attempts: (into, value) => {
    const attempts = Number(value)
    if (!/^[0-9]+$/.test(value) || attempts < 1 || attempts > MOST_ATTEMPTS) return `is a number from 1 to ${MOST_ATTEMPTS}`
    into.attempts = attempts
    return undefined
  },
  'attempt-models': (into, value, values) => {
    const models = [...split(value), ...values].map(literal).filter((model) => model !== '')
    if (models.length === 0) return 'names no model'
    if (!models.every((model) => MODEL.test(model))) return 'is a list of names of models, separated by commas'
    into.attemptModels = models
    return undefined
  },
  department: (into, value) => {
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value) || value.length > 40) return 'is one word of lower-case letters, digits and dashes'
    into.department = value
    return undefined
  },
  model: (into, value) => {
    const model = literal(value)
    if (!MODEL.test(model)) return 'is the name of a model, without spaces'
    into.model = model
    return undefined
  },
  budget: (into, value) => {
    const amount = literal(value).replace(/^\$\s*|\s*(?:\$|USD)$/gi, '')
    if (!/^[0-9]{1,6}(?:\.[0-9]{1,4})?$/.test(amount) || Number(amount) === 0)
      return 'is an amount in US dollars above zero, as `5`, `$5` or `2.50`'
    into.budgetUsd = Number(amount)
    return undefined
  },
}

function split(value: string): string[] {
  return value.split(',').map((part) => part.trim())
}

/** Without Markdown's own dress: a code span says exactly what it holds, else a backslash before punctuation is Markdown's. */
function literal(value: string): string {
  const trimmed = value.trim()
  return codeSpan(trimmed) ?? trimmed.replace(/\\([!-/:-@[-`{-~])/g, '$1')
}

function codeSpan(value: string): string | undefined {
  return value.length > 2 && value.startsWith('`') && value.endsWith('`') && !value.slice(1, -1).includes('`')
    ? value.slice(1, -1).trim()
    : undefined
}
