import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import { Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Node } from 'yaml'
import { nearest } from '../foundation/suggestion.ts'
import type { OptionName } from './options.ts'
import { optionNames, optionOf } from './options.ts'
import type { ConfigProblem, FileValues } from './resolve-config.ts'
import { optionNamed } from './resolve-config.ts'

/** Parses the text of an orch.yaml; every problem names its line. `scope` is whose file it is. */
export function parseConfigFile(text: string, path: string, scope: 'project' | 'user'): FileValues & { problems: ConfigProblem[] } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const lineAt = (offset: number | undefined) => counter.linePos(offset ?? 0).line
  const broken = document.errors.map((error) => ({ where: `${path}:${lineAt(error.pos[0])}`, message: error.message }))
  const plain = broken.length > 0 ? undefined : toPlain(document)
  if (plain === undefined)
    return {
      path,
      values: {},
      lines: {},
      problems:
        broken.length > 0 ? broken : [{ where: path, message: 'the file has aliases that cannot be resolved, or too many of them' }],
    }
  const parsed = v.safeParse(fileSchema(scope), plain.value)
  const values: Partial<Record<OptionName, unknown>> = {}
  const lines: Partial<Record<OptionName, number>> = {}
  if (parsed.success) {
    for (const name of optionNames) {
      const keys = optionOf(name).path.split('.')
      const value = valueAt(parsed.output, keys)
      if (value === undefined) continue
      values[name] = value
      lines[name] = lineAt(keyOffset(document, keys))
    }
  }
  const problems = parsed.issues?.map((issue) => toProblem(issue, path, (keys) => lineAt(keyOffset(document, keys)))) ?? []
  return { path, values, lines, problems }
}

/** Sets one key and keeps comments, order and everything else of the file; a problem is answered, not thrown. */
export function setInConfigFile(
  text: string,
  key: string,
  written: string,
): { kind: 'set'; text: string } | { kind: 'refused'; problem: ConfigProblem } {
  const name = optionNamed(key)
  if (name === undefined) return { kind: 'refused', problem: unknownKey(key, key, keyNames()) }
  const { kind } = optionOf(name)
  const plain = kind.fromText(written)
  const reading = kind.read(plain)
  if (reading.kind === 'wrong') return { kind: 'refused', problem: { where: key, message: reading.message } }
  const document = parseDocument(text)
  if (document.errors.length > 0) return { kind: 'refused', problem: { where: key, message: 'the file is not valid YAML; mend it first' } }
  const keys = key.split('.')
  const parent = keys.length > 1 ? document.getIn(keys.slice(0, -1)) : document.contents
  if (parent !== undefined && parent !== null && !isMap(parent))
    return { kind: 'refused', problem: { where: key, message: 'the file has something else where this option belongs; mend it first' } }
  if (keys.length > 1 && parent === null) document.deleteIn(keys.slice(0, -1))
  // A plain value goes into the scalar that is there, which keeps the comment beside it.
  document.setIn(keys, typeof plain === 'object' && plain !== null ? document.createNode(plain) : plain)
  return { kind: 'set', text: inPlaceOfComment(text, key, document) ?? document.toString({ lineWidth: 0 }) }
}

/** What `orch init` wrote as a comment is set where it stands, if the file then says the same. */
function inPlaceOfComment(text: string, key: string, wanted: Document): string | undefined {
  const comment = new RegExp(`^# ${key}:.*$`, 'm')
  if (parseDocument(text).has(key) || !comment.test(text)) return undefined
  const line = new Document({ [key]: wanted.get(key) }).toString({ lineWidth: 0 }).trimEnd()
  const uncommented = text.replace(comment, () => line)
  return isDeepStrictEqual(parseDocument(uncommented).toJS(), wanted.toJS()) ? uncommented : undefined
}

type Schema = v.GenericSchema<unknown, unknown>

/** The table as a schema: nested objects that refuse keys they do not know. */
function fileSchema(scope: 'project' | 'user'): Schema {
  const top: Record<string, Schema> = {}
  const groups: Record<string, Record<string, Schema>> = {}
  for (const name of optionNames) {
    const option = optionOf(name)
    const [first = '', second] = option.path.split('.')
    const isMisplaced = option.scope === 'user' && scope === 'project'
    const leaf = v.optional(isMisplaced ? refusing('is about your machine: it belongs in your own config.yaml') : leafSchema(name))
    if (second === undefined) top[first] = leaf
    else (groups[first] ??= {})[second] = leaf
  }
  for (const [name, entries] of Object.entries(groups)) top[name] = v.optional(v.strictObject(entries))
  return v.strictObject(top)
}

function leafSchema(name: OptionName): Schema {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const reading = optionOf(name).kind.read(dataset.value)
      if (reading.kind === 'read') return reading.value
      addIssue({ message: reading.message })
      return NEVER
    }),
  )
}

function refusing(message: string): Schema {
  return v.custom(() => false, message)
}

/** A file without content says nothing; a key without a value is taken as left out. */
function toPlain(document: Document): { value: unknown } | undefined {
  if (document.contents === null) return { value: {} }
  try {
    return { value: withoutNulls(document.toJS({ maxAliasCount: 20 })) }
  } catch {
    return undefined
  }
}

function withoutNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === null && keyNames().some((known) => known === key || known.startsWith(`${key}.`)) ? [] : [[key, withoutNulls(inner)]],
    ),
  )
}

function toProblem(issue: v.BaseIssue<unknown>, path: string, lineOf: (keys: readonly string[]) => number): ConfigProblem {
  const keys = (issue.path ?? []).map((item) => String(item.key))
  const key = keys.join('.')
  const where = `${path}:${lineOf(keys)}`
  if (issue.type !== 'strict_object') return { where, message: `${key} ${issue.message}` }
  if (issue.expected !== 'never')
    return { where, message: key === '' ? 'the file must be a map of options' : `${key} must be a map of options` }
  return unknownKey(key, where, keyNames())
}

function unknownKey(key: string, where: string, known: readonly string[]): ConfigProblem {
  const suggestion = nearest(key, [...known, ...known.flatMap((path) => path.split('.').slice(0, -1))])
  return {
    where,
    message: `unknown option "${key}"${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

function keyNames(): string[] {
  return optionNames.map((name) => optionOf(name).path)
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  )
}

/** Where the deepest of these keys that exists begins. */
function keyOffset(document: Document, keys: readonly string[]): number | undefined {
  let node: Node | null | undefined = document.contents
  let offset = node?.range?.[0]
  for (const key of keys) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined
    if (pair === undefined) break
    offset = isScalar(pair.key) ? pair.key.range?.[0] : offset
    node = pair.value as Node | null
  }
  return offset
}
