/**
 * The layers of src/, checked import by import:
 *   foundation ← domain ← ports ← workflows ← daemon, cli ← main; adapters stand aside; compose.ts joins them.
 * `sees` lists what a layer may import besides itself. An adapter's own folder is its layer, so adapters never see each other.
 */
import { dirname, posix, relative, resolve, sep } from 'node:path'

const sees = {
  foundation: [],
  domain: ['foundation'],
  ports: ['foundation', 'domain'],
  platform: ['foundation'],
  protocol: ['foundation', 'domain'],
  config: ['foundation', 'domain', 'platform'],
  adapters: ['foundation', 'platform', 'domain', 'ports'],
  rehearsal: ['foundation', 'platform', 'domain', 'protocol'],
  workflows: ['foundation', 'domain', 'ports'],
  daemon: ['foundation', 'platform', 'domain', 'ports', 'protocol', 'config', 'workflows'],
  tui: ['foundation', 'domain', 'ports', 'protocol'],
  cli: ['foundation', 'platform', 'domain', 'ports', 'protocol', 'config', 'workflows', 'rehearsal', 'tui'],
}

const insteadOf = {
  foundation: 'foundation holds no product words: move the shared word down into foundation, or this file up into domain.',
  domain: 'domain is pure and knows no doors: take the fact as an argument and return a plan for a workflow to carry out.',
  ports: 'a port speaks only in words of the domain: move the type into src/domain.',
  platform: 'platform is a plain door to the machine: pass the product value in as an argument.',
  protocol: 'protocol is only the schemas of messages: put behaviour into the daemon or the cli.',
  config: 'config is only the option table: pass the options to whoever needs them.',
  adapters:
    'an adapter knows its own port only: move what is shared down into platform or domain, and let src/compose.ts join adapters and workflows.',
  rehearsal: 'the rehearsal stands alone: move what is shared down into platform, domain or protocol.',
  workflows:
    'a workflow speaks to the world through ports: add what it needs to the port in src/ports, and let src/compose.ts pass the adapter in.',
  daemon: 'take it as an argument; src/compose.ts joins adapters and workflows.',
  tui: 'a screen shows what it is given: take it as an argument, or what it does as a function, from the command in src/cli.',
  cli: 'take it as an argument, or ask the daemon through src/protocol; src/compose.ts joins adapters and workflows.',
  main: 'an entry point takes adapters from src/compose.ts, the only file that sees both adapters and workflows.',
}

export const layers = {
  meta: { type: 'problem', docs: { description: 'Imports follow the layers of src/.' } },
  create(context) {
    const file = toProjectPath(context, context.filename)
    if (!file.startsWith('src/')) return {}
    const check = (node) => {
      if (typeof node.source?.value !== 'string') return
      const complaint = judgeImport(context, file, node.source.value, node.importKind === 'type' || node.exportKind === 'type')
      if (complaint !== undefined) context.report({ node: node.source, message: complaint })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}

function judgeImport(context, file, specifier, isTypeOnly) {
  if (!specifier.startsWith('.')) return undefined
  const target = toProjectPath(context, resolve(dirname(context.filename), specifier))
  const isTest = /\.(?:test|contract)\.ts$/.test(file)
  if (/\.(?:test|contract)\.ts$/.test(target)) {
    return isTest ? undefined : `${target} is test code: code that ships cannot import it. Move what is shared into a file of its own.`
  }
  if (!target.startsWith('src/')) {
    return isTest ? undefined : `${target} lies outside src/: code that ships imports only src/ and packages.`
  }
  return judgeLayers(file, target, isTest, isTypeOnly)
}

function judgeLayers(file, target, isTest, isTypeOnly) {
  const from = layerOf(file)
  const to = layerOf(target)
  if (from.layer === 'compose') return undefined
  if (to.layer === 'compose' || to.layer === 'main') {
    if (from.layer === 'main' && to.layer === 'compose') return undefined
    return `${from.name} may not import ${target}: only an entry point (main.ts) does. Take what you need as an argument.`
  }
  if (from.name === to.name) return undefined
  if (from.layer === 'main' ? to.layer !== 'adapters' : to.name !== from.name && sees[from.layer]?.includes(to.layer)) return undefined
  // A session's exit is the one word of the product that the process door hands out.
  if (from.layer === 'platform' && isTypeOnly && target.startsWith('src/domain/sessions/')) return undefined
  // Tests need real files and processes.
  if (isTest && to.layer === 'platform') return undefined
  if (!(from.layer in insteadOf))
    return `${file} belongs to no layer: add "${from.layer}" to tooling/lint/layers.mjs and say what it may see.`
  return `${from.name} may not import ${to.name}: ${insteadOf[from.layer]}`
}

/** `name` tells adapters apart; `layer` is the row of the table. */
function layerOf(path) {
  const [, first, second] = path.split('/')
  if (path === 'src/compose.ts') return { layer: 'compose', name: 'src/compose.ts' }
  if (/^src\/(?:[^/]+\/)?main\.ts$/.test(path)) return { layer: 'main', name: path }
  if (first === 'adapters') return { layer: 'adapters', name: `adapters/${second}` }
  return { layer: first, name: first }
}

function toProjectPath(context, path) {
  return relative(context.cwd, path).split(sep).join(posix.sep)
}
