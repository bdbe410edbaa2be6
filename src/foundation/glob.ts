/**
 * Globs over slash-separated paths, compiled to small automata so that "do they share a path?" has an exact answer.
 *
 * A segment `**` is any number of segments; `*`, `?`, `[a-z]` and `{a,b}` are as in a shell, files with a leading dot
 * included. A glob that ends in a plain name claims that file or everything below that folder; so does a trailing slash.
 * What is not understood exactly (extglobs, ranges in braces, POSIX classes) is taken for more than it is: `isExact` says so.
 */
export interface Automaton {
  readonly isExact: boolean
  readonly start: readonly number[]
  readonly states: readonly State[]
  /** Code units at which some test changes its answer. */
  readonly cuts: ReadonlySet<number>
}

export interface State {
  isAccepting: boolean
  readonly edges: Edge[]
}

export interface Edge {
  readonly to: number
  /** Code units from `from` to `to`, both included. */
  readonly ranges: readonly Range[]
}

export type Range = readonly [from: number, to: number]

const SLASH = 47
const LAST = 0xffff
const anything: readonly Range[] = [[0, LAST]]
const noSlash: readonly Range[] = [
  [0, SLASH - 1],
  [SLASH + 1, LAST],
]
const slash: readonly Range[] = [[SLASH, SLASH]]
const MOST_ALTERNATIVES = 64

/** One automaton for the union of the globs. */
export function compileGlobs(globs: readonly string[]): Automaton {
  const states: State[] = []
  const start: number[] = []
  let isExact = true
  for (const glob of globs) {
    const { alternatives, isExact: isListed } = expandBraces(glob)
    for (const alternative of alternatives) {
      const compiled = addPath(alternative, states)
      start.push(compiled.start)
      isExact &&= compiled.isExact
    }
    isExact &&= isListed
  }
  const cuts = new Set(states.flatMap((state) => state.edges.flatMap((edge) => edge.ranges.flatMap(([from, to]) => [from, to + 1]))))
  return { isExact, start, states, cuts }
}

export function step(automaton: Automaton, from: readonly number[], unit: number): number[] {
  const reached = new Set<number>()
  for (const state of from) {
    for (const edge of automaton.states[state]?.edges ?? []) {
      if (edge.ranges.some(([low, high]) => unit >= low && unit <= high)) reached.add(edge.to)
    }
  }
  return [...reached].toSorted((a, b) => a - b)
}

export function accepts(automaton: Automaton, states: readonly number[]): boolean {
  return states.some((state) => automaton.states[state]?.isAccepting)
}

export function matchesPath(automaton: Automaton, path: string): boolean {
  let states: readonly number[] = automaton.start
  for (let index = 0; index < path.length && states.length > 0; index++) states = step(automaton, states, path.charCodeAt(index))
  return accepts(automaton, states)
}

/** Appends the states of one glob without braces. */
function addPath(glob: string, states: State[]): { start: number; isExact: boolean } {
  const segments = splitSegments(glob)
  const start = addState(states)
  let current = start
  let needsSlash = false
  let isExact = true
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (isExtglob(segment)) return { start: endOpen(states, current, needsSlash, start), isExact: false }
    if (segment === '**' && isLast) return { start: endOpen(states, current, needsSlash, start), isExact }
    if (needsSlash) current = addEdge(states, current, slash)
    if (segment === '**') current = addSegments(states, current)
    else {
      const tokens = parseSegment(segment)
      isExact &&= tokens.isExact
      for (const token of tokens.tokens)
        current = token.isRepeated ? addLoop(states, current, token.ranges) : addEdge(states, current, token.ranges)
      if (isLast && tokens.isLiteral) endOpen(states, current, true, start)
    }
    needsSlash = segment !== '**'
  }
  accept(states, current)
  return { start, isExact }
}

/** A trailing slash is everything below; neighbouring `**` are one. */
function splitSegments(glob: string): string[] {
  const segments = glob.replace(/^(?:\.\/)+/, '').split('/')
  const named = segments.filter((segment, index) => segment !== '' || index === segments.length - 1).map((segment) => segment || '**')
  return named.filter((segment, index) => segment !== '**' || named[index - 1] !== '**')
}

function addState(states: State[]): number {
  return states.push({ isAccepting: false, edges: [] }) - 1
}

function addEdge(states: State[], from: number, ranges: readonly Range[], to = addState(states)): number {
  states[from]?.edges.push({ to, ranges })
  return to
}

/** A state that may read any number of these and goes on without reading: a copy of `from` would be needed, so `from` gets the loop if nothing else enters it. */
function addLoop(states: State[], from: number, ranges: readonly Range[]): number {
  addEdge(states, from, ranges, from)
  return from
}

function addSegments(states: State[], begin: number): number {
  const inside = addEdge(states, begin, noSlash)
  addEdge(states, inside, noSlash, inside)
  addEdge(states, inside, slash, begin)
  return begin
}

/** Everything below `current` (and `current` itself). */
function endOpen(states: State[], current: number, needsSlash: boolean, start: number): number {
  accept(states, current)
  const below = needsSlash ? addEdge(states, current, slash) : current
  addEdge(states, below, anything, below)
  accept(states, below)
  return start
}

function accept(states: State[], at: number): void {
  const state = states[at]
  if (state !== undefined) state.isAccepting = true
}

/** Its parts may hold slashes, so from here on everything counts as matched. */
function isExtglob(segment: string): boolean {
  return /[@?*+!]\(/.test(segment)
}

interface Token {
  readonly ranges: readonly Range[]
  readonly isRepeated: boolean
}

function parseSegment(segment: string): { tokens: Token[]; isExact: boolean; isLiteral: boolean } {
  const tokens: Token[] = []
  let [isExact, isLiteral] = [true, true]
  for (let index = 0; index < segment.length; index++) {
    const character = segment[index] ?? ''
    const end = character === '[' ? classEnd(segment, index) : -1
    if (character === '*') tokens.push({ ranges: noSlash, isRepeated: true })
    else if (character === '?') tokens.push({ ranges: noSlash, isRepeated: false })
    else if (character === '[' && end > 0) tokens.push({ ranges: parseClass(segment.slice(index + 1, end)), isRepeated: false })
    else
      tokens.push({
        ranges: single(character === '\\' && index + 1 < segment.length ? segment.charCodeAt(++index) : segment.charCodeAt(index)),
        isRepeated: false,
      })
    if ('*?'.includes(character) || end > 0) isLiteral = false
    if (end > 0 && /\[:|\\/.test(segment.slice(index, end))) isExact = false
    if (end > 0) index = end
  }
  return { tokens: withLoopsApart(tokens), isExact, isLiteral }
}

function single(unit: number): Range[] {
  return [[unit, unit]]
}

/** `**` inside a segment is one star. */
function withLoopsApart(tokens: readonly Token[]): Token[] {
  return tokens.filter((token, index) => !token.isRepeated || tokens[index - 1]?.isRepeated !== true)
}

function classEnd(segment: string, open: number): number {
  const first = segment[open + 1] === '!' || segment[open + 1] === '^' ? open + 2 : open + 1
  if (segment.startsWith('[:', first)) return segment.indexOf(']', segment.indexOf(':]', first) + 2)
  return segment.indexOf(']', first + 1)
}

function parseClass(inside: string): readonly Range[] {
  if (inside.includes('[:') || inside.includes('\\')) return noSlash
  const isNegated = inside.startsWith('!') || inside.startsWith('^')
  const text = isNegated ? inside.slice(1) : inside
  const ranges: Range[] = []
  for (let index = 0; index < text.length; index++) {
    const isRange = text[index + 1] === '-' && index + 2 < text.length
    const from = text.charCodeAt(index)
    ranges.push([from, isRange ? text.charCodeAt(index + 2) : from])
    if (isRange) index += 2
  }
  return without(isNegated ? complement(ranges) : ranges, SLASH)
}

function complement(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  let next = 0
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) result.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  return next <= LAST ? [...result, [next, LAST]] : result
}

function without(ranges: readonly Range[], unit: number): Range[] {
  return ranges
    .flatMap(([from, to]): Range[] =>
      unit < from || unit > to
        ? [[from, to]]
        : [
            [from, unit - 1],
            [unit + 1, to],
          ],
    )
    .filter(([from, to]) => from <= to)
}

/** `a{b,c}d` as its alternatives. Nested ones too; too many, or a range like `{1..9}`, become stars. */
function expandBraces(glob: string): { alternatives: string[]; isExact: boolean } {
  const pending = [glob]
  const alternatives: string[] = []
  let isExact = true
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const brace = findBrace(next)
    if (pending.length + alternatives.length > MOST_ALTERNATIVES) return { alternatives: ['**'], isExact: false }
    if (brace === undefined) alternatives.push(next)
    else if (brace.parts.length === 1) {
      isExact = false
      pending.push(`${next.slice(0, brace.from)}*${next.slice(brace.to + 1)}`)
    } else pending.push(...brace.parts.map((part) => next.slice(0, brace.from) + part + next.slice(brace.to + 1)))
  }
  return { alternatives, isExact }
}

/** The first brace pair that has a comma or a range; others are plain characters. */
function findBrace(glob: string): { from: number; to: number; parts: string[] } | undefined {
  for (let from = glob.indexOf('{'); from >= 0; from = glob.indexOf('{', from + 1)) {
    if (glob[from - 1] === '\\') continue
    const parts: string[] = []
    let [depth, partStart] = [0, from + 1]
    for (let to = from; to < glob.length; to++) {
      if (glob[to] === '\\') to++
      else if (glob[to] === '{') depth++
      else if (glob[to] === ',' && depth === 1) {
        parts.push(glob.slice(partStart, to))
        partStart = to + 1
      } else if (glob[to] === '}' && --depth === 0) {
        parts.push(glob.slice(partStart, to))
        if (parts.length > 1 || parts[0]?.includes('..') === true) return { from, to, parts }
        break
      }
    }
  }
  return undefined
}
