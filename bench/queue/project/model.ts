import { posix } from 'node:path'

/** A generated project as values: branches are edits of it, files are rendered from it. */
export interface Project {
  readonly shape: Shape
  modules: Module[]
  /** Names of the packages under `vendor/` that it depends on; sorted when rendered. */
  packages: string[]
  /** Files that are not made from the modules. */
  files: Record<string, string>
}

export interface Shape {
  readonly name: string
  readonly layout: 'split' | 'beside' | 'flat'
  readonly extension: 'mjs' | 'js'
  readonly imports: 'named' | 'namespace'
  readonly tests: 'flat' | 'nested'
  readonly command: 'node --test' | 'npm test'
  /** Rounds of hashing that each test does: one takes about a millisecond. */
  readonly work: number
}

export interface Module {
  readonly area: string
  readonly name: string
  functions: ModuleFunction[]
  /** Package of `vendor/` that it imports. */
  package?: string
  /** Each module says what it is about; a test may come to demand it. */
  isSilent?: boolean
  /** Imports what it calls by name at base, whatever became of it. */
  isFrozen?: boolean
}

/** `amount => amount * factor + offset (+ what it calls)`. */
export interface ModuleFunction {
  /** What it was called at base: names change, this does not. */
  readonly id: string
  name: string
  factor: number
  offset: number
  calls?: FunctionRef
  /** How the same value is written down. */
  style: number
  checks: Check[]
  flakyRate?: number
  blemish?: 'syntax' | 'debugger'
  isGone?: boolean
}

export interface FunctionRef {
  readonly module: string
  /** Its id. */
  readonly function: string
}

export interface Check {
  readonly amount: number
  readonly expected: number
}

export function findModule(project: Project, name: string): Module {
  const found = project.modules.find((module) => module.name === name)
  if (found === undefined) throw new Error(`no module ${name}`)
  return found
}

export function findFunction(project: Project, ref: FunctionRef): ModuleFunction {
  const found = findModule(project, ref.module).functions.find(({ id }) => id === ref.function)
  if (found === undefined) throw new Error(`no function ${ref.function} in ${ref.module}`)
  return found
}

export function evaluate(project: Project, { factor, offset, calls }: ModuleFunction, amount: number): number {
  const own = amount * factor + offset
  return calls === undefined ? own : own + evaluate(project, findFunction(project, calls), amount)
}

/** Functions that call this one, and, unless `isDirect`, those that call them. */
export function findDependents(project: Project, ref: FunctionRef, isDirect = false): FunctionRef[] {
  const callers = project.modules.flatMap((module) =>
    module.functions
      .filter(({ calls }) => calls?.module === ref.module && calls.function === ref.function)
      .map(({ id }) => ({ module: module.name, function: id })),
  )
  return isDirect ? callers : [...callers, ...callers.flatMap((caller) => findDependents(project, caller))]
}

export function sourcePath({ shape }: Project, { area, name }: Pick<Module, 'area' | 'name'>): string {
  const file = `${name}.${shape.extension}`
  return shape.layout === 'flat' ? `lib/${file}` : `${shape.layout === 'split' ? 'src' : 'packages'}/${area}/${file}`
}

export function testPath({ shape }: Project, { area, name }: Pick<Module, 'area' | 'name'>): string {
  const file = `${name}.test.${shape.extension}`
  if (shape.layout === 'flat') return `test/${file}`
  return shape.layout === 'split' ? `test/${area}/${file}` : `packages/${area}/${file}`
}

export function importPath(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

/** The functions before and behind it: their lines stand next to each other. */
export function findNeighbours(project: Project, ref: FunctionRef): FunctionRef[] {
  const { functions } = findModule(project, ref.module)
  const index = functions.findIndex(({ id }) => id === ref.function)
  return [functions[index - 1], functions[index + 1]].flatMap((one) =>
    one === undefined ? [] : [{ module: ref.module, function: one.id }],
  )
}
