/** Foundation and domain are pure: the same arguments give the same answer, on any machine, at any time, also in a replay. */
import { builtinModules } from 'node:module'

const impureGlobals = {
  process: 'take the value as an argument',
  fetch: 'return a plan; an adapter uses the network',
  setTimeout: 'return the due time as a fact; the engine waits',
  setInterval: 'return the due time as a fact; the engine waits',
  performance: 'take the time as an argument',
  crypto: 'take the id or the random value as an argument',
}

export const purity = {
  meta: { type: 'problem', docs: { description: 'No node: modules, clock, randomness or environment in src/foundation and src/domain.' } },
  create(context) {
    const path = context.filename.replaceAll('\\', '/')
    const [, layer] = /\/src\/(foundation|domain)\/[^:]*(?<!\.test)\.ts$/.exec(path) ?? []
    if (layer === undefined) return {}
    const report = (node, what, instead) => context.report({ node, message: `${layer} is pure, so no ${what}: ${instead}.` })
    const checkImport = (node) => {
      const name = node.source?.value
      if (typeof name === 'string' && (name.startsWith('node:') || builtinModules.includes(name.split('/')[0]))) {
        report(node.source, name, 'take the fact as an argument; platform and adapters open the doors')
      }
    }
    return {
      ImportDeclaration: checkImport,
      ExportNamedDeclaration: checkImport,
      ExportAllDeclaration: checkImport,
      ImportExpression: checkImport,
      MemberExpression(node) {
        const name = `${node.object.name}.${node.property.name ?? node.property.value}`
        if (name === 'Date.now') report(node, name, 'take the time as an argument')
        else if (name === 'Math.random') report(node, name, 'take the random value or a seeded source as an argument')
        else if (isGlobal(context, node.object)) report(node, name, impureGlobals[node.object.name])
      },
      NewExpression(node) {
        if (node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()', 'take the time as an argument')
      },
      CallExpression(node) {
        if (node.callee.name === 'Date') report(node, 'Date()', 'take the time as an argument')
        else if (isGlobal(context, node.callee)) report(node, node.callee.name, impureGlobals[node.callee.name])
      },
    }
  },
}

/** A local variable of the same name is innocent. */
function isGlobal(context, node) {
  if (node.type !== 'Identifier' || !Object.hasOwn(impureGlobals, node.name)) return false
  for (let scope = context.sourceCode.getScope(node); scope !== null; scope = scope.upper) {
    if (scope.set.get(node.name)?.defs.length > 0) return false
  }
  return true
}
