import * as v from 'valibot'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { planSession, planSteps, type Reply, type SessionPlan } from '../reply-plan.ts'
import { scriptSchema, type WrittenScript, type WrittenStep } from './script-schema.ts'
import { smallCommit } from './small-commit.ts'

export interface Script {
  readonly sessions: readonly SessionPlan[]
  /** What a session that nothing matches is answered. */
  readonly fallback: readonly Reply[]
  /** The same of one that reviews. */
  readonly approval: readonly Reply[]
}

export interface ScriptProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type ParsedScript =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'refused'; readonly problems: readonly ScriptProblem[] }

const mostBytes = 4_000_000

/** What an unmatched session does that reviews another's work. */
const approval: readonly WrittenStep[] = [{ verdict: 'approve' }, { end: 'Reviewed.' }]

/** Reads the YAML of `docs/guide/rehearsal.md`. Pure; every problem of the text is returned with its line. */
export function parseScript(text: string): ParsedScript {
  if (text.length > mostBytes) return refused([{ line: 1, column: 1, message: 'the script is larger than 4 MB' }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' })
  if (document.errors.length > 0)
    return refused(document.errors.map((error) => ({ ...place(lines, error.pos[0]), message: error.message })))
  const written = readValue(document)
  if (written instanceof Error) return refused([{ line: 1, column: 1, message: written.message }])
  const parsed = v.safeParse(scriptSchema, written ?? {})
  if (!parsed.success) return refused(parsed.issues.map((issue) => describe(issue, document, lines)))
  return { kind: 'script', script: planScript(parsed.output) }
}

/** The problems as the lines a person reads: `script.yaml:3:7: …`. */
export function renderProblems(name: string, problems: readonly ScriptProblem[]): string {
  return problems.map((problem) => `${name}:${problem.line}:${problem.column}: ${problem.message}`).join('\n')
}

/** The script of a rehearsal that says nothing: every session makes a small commit. */
export function defaultScript(): Script {
  return planScript(v.parse(scriptSchema, {}))
}

function planScript(written: WrittenScript): Script {
  const delay = written['model-delay'] ?? 0
  return {
    sessions: written.sessions.map((session) => planSession(session, delay)),
    approval: planSteps(approval, delay),
    fallback: written.default === 'small-commit' ? planSteps(smallCommit, delay) : planSteps(written.default, delay),
  }
}

function refused(problems: readonly ScriptProblem[]): ParsedScript {
  return { kind: 'refused', problems }
}

// An alias bomb throws here, not in parseDocument.
function readValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function describe(issue: v.BaseIssue<unknown>, document: Document, lines: LineCounter): ScriptProblem {
  const deepest = deepestIssue(issue)
  const path = [...(issue.path ?? []), ...(deepest === issue ? [] : (deepest.path ?? []))].map((part) => part.key)
  // To valibot a list is an object with the keys 0, 1, …
  const unknownKey = deepest.type === 'strict_object' && deepest.expected === 'never'
  if (unknownKey && Array.isArray(deepest.path?.at(-1)?.input)) {
    const outer = path.slice(0, -1)
    return { ...place(lines, offsetOf(document, outer)), message: `${renderPath(outer)}here must be a mapping (key: value), not a list` }
  }
  const message = unknownKey ? `unknown key ${JSON.stringify(path.at(-1))}` : deepest.message
  return { ...place(lines, offsetOf(document, path)), message: `${renderPath(path)}${message}` }
}

// A union hides why its best member failed: a mapping's own complaint says more than "a or b".
function deepestIssue(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const inner = issue.issues?.find((one) => (one.path?.length ?? 0) > 0 || one.type === 'check' || one.type === 'raw_check')
  return inner === undefined ? issue : { ...deepestIssue(inner), path: deepestIssue(inner).path }
}

function renderPath(path: readonly unknown[]): string {
  const shown = path.map((key) => (typeof key === 'number' ? `[${key + 1}]` : `.${String(key)}`)).join('')
  return shown === '' ? '' : `${shown.replace(/^\./, '')}: `
}

// The nearest node that exists: a key that is missing has no place of its own.
function offsetOf(document: Document, path: readonly unknown[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const found = lines.linePos(offset)
  return { line: Math.max(1, found.line), column: Math.max(1, found.col) }
}
