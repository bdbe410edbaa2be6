import type { Automaton } from '../../foundation/glob.ts'
import { accepts, compileGlobs, matchesPath, step } from '../../foundation/glob.ts'
import type { Task } from '../tasks/task.ts'

/** Which of the tasks claim this path, in the order given; more than one only where a plan allowed an overlap. */
export function ownersOf<T extends Pick<Task, 'owns'>>(path: string, tasks: readonly T[]): T[] {
  return tasks.filter((task) => ownsPath(task.owns, path))
}

/** `!` globs take away from all others, wherever they stand. */
export function ownsPath(globs: readonly string[], path: string): boolean {
  const { claimed, released } = compileClaims(globs)
  return matchesPath(claimed, path) && !matchesPath(released, path)
}

/**
 * A path that both sets of globs claim: an example, '' when the search gave up (to be taken as an overlap), or
 * undefined when there is none. It walks both automata at once over one representative of each class of characters,
 * so the answer is exact for exact globs and errs towards an overlap for the others.
 */
export function sharedPath(first: readonly string[], second: readonly string[]): string | undefined {
  return searchSharedPath(compileClaims(first), compileClaims(second), { left: ENOUGH_STEPS })
}

/** As `sharedPath`, for many comparisons that together may take no more steps than `budget` has left. */
export function searchSharedPath(a: Claims, b: Claims, budget: { left: number }): string | undefined {
  const automata = [a.claimed, b.claimed, a.released, b.released] as const
  const units = representatives(automata)
  const begin: Position = { path: '', states: automata.map((automaton) => automaton.start) }
  const seen = new Set<string>([keyOf(begin)])
  const queue = [begin]
  for (let index = 0; index < queue.length; index++) {
    const position = queue[index]
    if (position === undefined) break
    if (isShared(automata, position)) return position.path
    for (const unit of units) {
      budget.left -= position.states.reduce((sum, states) => sum + states.length, 1)
      if (budget.left < 0) return ''
      const next = advance(automata, position, unit)
      const key = next && keyOf(next)
      if (next === undefined || key === undefined || seen.has(key)) continue
      seen.add(key)
      queue.push(next)
    }
  }
  return undefined
}

/** A second or so; ordinary globs take a few hundred. */
const ENOUGH_STEPS = 500_000
const SLASH = 47

/** Why this glob cannot be a claim, or undefined. */
export function globProblem(glob: string): string | undefined {
  const path = glob.startsWith('!') ? glob.slice(1) : glob
  if (path === '.' || path === './') return `"${glob}" is written "**"`
  if (path === '') return `"${glob}" names no path`
  if (path.length > 200) return 'a glob has at most 200 characters'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.startsWith('~')) return `"${glob}" is not relative to the repository`
  if (path.split('/').includes('..')) return `"${glob}" leaves the repository`
  return undefined
}

/** Parts at commas, but not at those within braces. */
export function splitGlobs(text: string): string[] {
  const globs = ['']
  let depth = 0
  for (const character of text) {
    if (character === '{') depth++
    if (character === '}') depth = Math.max(0, depth - 1)
    if (character === ',' && depth === 0) globs.push('')
    else globs[globs.length - 1] += character
  }
  return globs.map((glob) => glob.trim()).filter((glob) => glob !== '')
}

/** What every match begins with, once a slash is put at its end: `src/a` gives `src/a/`, which `src/ab` does not begin with. */
export function literalPrefix(glob: string): string {
  const end = glob.search(/[*?[{\\@+!]/)
  const path = end < 0 ? `${glob}/` : glob.slice(0, end)
  return path.replace(/^(?:\.\/)+/, '').replace(/\/{2,}/g, '/')
}

export interface Claims {
  readonly claimed: Automaton
  readonly released: Automaton
}

/** A release that is not understood exactly releases nothing. */
export function compileClaims(globs: readonly string[]): Claims {
  const releases = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1))
  return {
    claimed: compileGlobs(globs.filter((glob) => !glob.startsWith('!'))),
    released: compileGlobs(releases.filter((glob) => compileGlobs([glob]).isExact)),
  }
}

interface Position {
  readonly path: string
  /** Of: claimed by the first, by the second, released by the first, by the second. */
  readonly states: readonly (readonly number[])[]
}

function isShared(automata: readonly Automaton[], { path, states }: Position): boolean {
  if (path === '' || path.endsWith('/')) return false
  const [a, b, notA, notB] = automata.map((automaton, index) => accepts(automaton, states[index] ?? []))
  return a === true && b === true && notA !== true && notB !== true
}

function advance(automata: readonly Automaton[], { path, states }: Position, unit: number): Position | undefined {
  if (unit === SLASH && (path === '' || path.endsWith('/'))) return undefined
  const next = automata.map((automaton, index) => step(automaton, states[index] ?? [], unit))
  return next[0]?.length === 0 || next[1]?.length === 0 ? undefined : { path: path + String.fromCharCode(unit), states: next }
}

function keyOf({ path, states }: Position): string {
  const place = path === '' ? 'start' : path.endsWith('/') ? 'slash' : 'name'
  return `${place}|${states.map((set) => set.join(',')).join('|')}`
}

/** One code unit of each class that no test tells apart, a readable one where there is one. */
function representatives(automata: readonly Automaton[]): number[] {
  const cuts = [...new Set([1, SLASH, SLASH + 1, ...automata.flatMap((automaton) => [...automaton.cuts])])]
    .filter((cut) => cut >= 1 && cut <= 0xffff)
    .toSorted((a, b) => a - b)
  return cuts.map((from, index) => {
    const to = (cuts[index + 1] ?? 0x10000) - 1
    const readable = [...'xabcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.'].map((character) => character.charCodeAt(0))
    return readable.find((unit) => unit >= from && unit <= to) ?? from
  })
}
