import {
  type FunctionRef,
  type Module,
  type ModuleFunction,
  type Project,
  findFunction,
  findModule,
  importPath,
  sourcePath,
  testPath,
} from './model.ts'
import { lintText, lockfileText, manifestText, workText } from './root-files.ts'

export type Files = Readonly<Record<string, string>>

export function renderProject(project: Project): Files {
  const files: Record<string, string> = {
    ...project.files,
    'package.json': manifestText(project),
    'package-lock.json': lockfileText(project),
    'tooling/work.mjs': workText,
    'tooling/lint.mjs': lintText,
    '.gitignore': 'node_modules\n',
  }
  for (const name of project.packages) {
    files[`vendor/${name}/package.json`] =
      `${JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js' }, undefined, 2)}\n`
    files[`vendor/${name}/index.js`] = `export const unit = 1\n`
  }
  for (const module of project.modules) {
    files[sourcePath(project, module)] = renderModule(project, module)
    files[testPath(project, module)] = renderTests(project, module)
  }
  return files
}

function renderModule(project: Project, module: Module): string {
  const head = [...renderImports(project, module)]
  if (module.package !== undefined) head.push(`import { unit } from '${module.package}'`)
  if (module.isSilent !== true) head.push(`${head.length > 0 ? '\n' : ''}export const about = '${module.name} of ${module.area}'`)
  const functions = module.functions.filter(({ isGone }) => isGone !== true).map((one) => renderFunction(project, module, one))
  return `${[...head, ...functions].join('\n')}\n`
}

function renderImports(project: Project, module: Module): string[] {
  const refs = module.functions.flatMap(({ calls, isGone }) => (calls === undefined || isGone === true ? [] : [calls]))
  const from = (ref: FunctionRef): string => importPath(sourcePath(project, module), sourcePath(project, findModule(project, ref.module)))
  const lines = refs.map((ref) =>
    isNamespaced(project, module)
      ? `import * as ${ref.module} from '${from(ref)}'`
      : `import { ${calledName(project, module, ref)} } from '${from(ref)}'`,
  )
  return [...new Set(lines)].toSorted()
}

function isNamespaced({ shape }: Project, module: Module): boolean {
  return shape.imports === 'namespace' && module.isFrozen !== true
}

function calledName(project: Project, module: Module, ref: FunctionRef): string {
  return module.isFrozen === true ? ref.function : findFunction(project, ref).name
}

/** A long comment keeps the changes of neighbours apart. */
function renderFunction(project: Project, module: Module, one: ModuleFunction): string {
  const { name, factor, offset, calls, style, blemish } = one
  const call = calls === undefined ? undefined : calledName(project, module, calls)
  const callee = call !== undefined && isNamespaced(project, module) ? `${calls?.module}.${call}` : call
  return [
    '',
    '/**',
    ` * Part of ${module.name}.`,
    ' * @param {number} amount in cents',
    ' * @returns {number} in cents',
    ' */',
    `export function ${name}(amount${blemish === 'syntax' ? ' {' : ') {'}`,
    ...(blemish === 'debugger' ? ['  debugger'] : []),
    `  const rate = ${writtenAs(factor, style)}`,
    `  const offset = ${writtenAs(offset, style)}${module.package === undefined ? '' : ' * unit'}`,
    `  return amount * rate + offset${callee === undefined ? '' : ` + ${callee}(amount)`}`,
    '}',
  ].join('\n')
}

function writtenAs(value: number, style: number): string {
  return style === 0 ? String(value) : `${value - style} + ${style}`
}

function renderTests(project: Project, module: Module): string {
  const { tests, work } = project.shape
  const path = testPath(project, module)
  const indent = tests === 'nested' ? '  ' : ''
  const call = tests === 'nested' ? 'it' : 'test'
  const blocks = module.functions
    .filter(({ isGone }) => isGone !== true)
    .map(({ name, checks, flakyRate }) =>
      [
        '',
        `${indent}// ${name}`,
        `${indent}${call}('${name} is right', () => {`,
        `${indent}  work(${work})`,
        ...(flakyRate === undefined ? [] : [`${indent}  ask(${flakyRate})`]),
        ...checks.map(({ amount, expected }) => `${indent}  assert.equal(${module.name}.${name}(${amount}), ${expected})`),
        `${indent}})`,
      ].join('\n'),
    )
  return [
    `import ${tests === 'nested' ? '{ describe, it }' : 'test'} from 'node:test'`,
    "import assert from 'node:assert/strict'",
    `import * as ${module.name} from '${importPath(path, sourcePath(project, module))}'`,
    `import { ask, work } from '${importPath(path, 'tooling/work.mjs')}'`,
    ...(tests === 'nested' ? ['', `describe('${module.name}', () => {`, ...blocks, '})'] : blocks),
    '',
  ].join('\n')
}
