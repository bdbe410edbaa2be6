import type { Random } from '../../../test/support/fleet/random.ts'
import { pick, shuffle } from '../sets/chance.ts'
import { type Module, type ModuleFunction, type Project, type Shape, evaluate } from './model.ts'
import { areas, deeds, packages, subjects } from './words.ts'

export interface ProjectSize {
  readonly modules: number
  readonly functionsPerModule: number
  readonly packages: number
  readonly flakyTests: number
  readonly flakyRate: number
  readonly work: number
}

/** A project of modules that call each other, in a shape that the seed chooses. */
export function makeProject(random: Random, size: ProjectSize): Project {
  const project: Project = {
    shape: makeShape(random, size.work),
    modules: [],
    packages: packages.slice(0, size.packages),
    files: makeFiles(random),
  }
  const names = shuffle(random, subjects)
  for (let index = 0; index < size.modules; index++) {
    const word = names[index % names.length] ?? 'part'
    const name = index < names.length ? word : `${word}${Math.floor(index / names.length) + 1}`
    project.modules.push(makeModule(random, project, name, size.functionsPerModule))
  }
  for (const module of project.modules.slice(0, size.packages)) module.package = project.packages[project.modules.indexOf(module)] ?? ''
  for (const one of shuffle(
    random,
    project.modules.flatMap(({ functions }) => functions),
  ).slice(0, size.flakyTests))
    one.flakyRate = size.flakyRate
  return project
}

function makeShape(random: Random, work: number): Shape {
  return {
    name: `shop${random.between(10, 99)}`,
    layout: pick(random, ['split', 'beside', 'flat'] as const),
    extension: pick(random, ['mjs', 'js'] as const),
    imports: pick(random, ['named', 'namespace'] as const),
    tests: pick(random, ['flat', 'nested'] as const),
    command: pick(random, ['node --test', 'npm test'] as const),
    work,
  }
}

function makeModule(random: Random, project: Project, name: string, count: number): Module {
  const chosen = shuffle(random, deeds).slice(0, count)
  const module: Module = { area: pick(random, areas), name, functions: [] }
  for (const deed of chosen) module.functions.push(makeFunction(random, project, `${deed}Of${name[0]?.toUpperCase()}${name.slice(1)}`))
  return module
}

/** Every third calls one of another module that is there already: no circles. */
export function makeFunction(random: Random, project: Project, name: string, mayCall = true): ModuleFunction {
  const made: ModuleFunction = { id: name, name, factor: random.between(2, 9), offset: random.between(1, 99), style: 0, checks: [] }
  if (mayCall && project.modules.length > 0 && random.next() < 0.35) {
    const module = pick(random, project.modules)
    made.calls = { module: module.name, function: pick(random, module.functions).id }
  }
  made.checks = checksOf(project, made, [3, random.between(10, 40)])
  return made
}

export function checksOf(project: Project, made: ModuleFunction, amounts: readonly number[]): ModuleFunction['checks'] {
  return amounts.map((amount) => ({ amount, expected: evaluate(project, made, amount) }))
}

function makeFiles(random: Random): Record<string, string> {
  const pages = shuffle(random, subjects).slice(0, 16)
  return Object.fromEntries(
    pages.map((page) => [
      `docs/${page}.md`,
      `# ${page}\n\nHow ${page} works.\n\n## Use\n\nCall it with an amount.\n\n## Limits\n\nNone known.\n`,
    ]),
  )
}
