/** A test that sleeps is slow when the machine is fast and wrong when it is slow. Tests wait for events and conditions. */
const instead = 'wait for the event, or for a condition with `until` of test/support/eventually.ts.'

export const noSleeps = {
  meta: { type: 'problem', docs: { description: 'No sleeps in tests.' } },
  create(context) {
    const path = context.filename.replaceAll('\\', '/')
    const isTest = /\.(?:test|contract)\.ts$/.test(path) || /\/test\/(?!fixtures\/)/.test(path)
    if (!isTest || path.endsWith('/test/support/eventually.ts')) return {}
    const report = (node, what) => context.report({ node, message: `${what} in a test is a sleep: ${instead}` })
    return {
      ImportDeclaration(node) {
        if (/^(?:node:)?timers(?:\/promises)?$/.test(node.source.value)) report(node.source, node.source.value)
      },
      ImportExpression(node) {
        if (/^(?:node:)?timers(?:\/promises)?$/.test(node.source.value)) report(node.source, node.source.value)
      },
      CallExpression(node) {
        const name = node.callee.name ?? node.callee.property?.name
        if (/^(?:setTimeout|setInterval|sleep|delay)$/.test(name)) report(node, name)
        else if (name === 'wait' && node.callee.object?.name === 'Atomics') report(node, 'Atomics.wait')
        else if (/^(?:spawnSync|execFileSync|execSync)$/.test(name) && /^sleep\b/.test(node.arguments[0]?.value))
          report(node, `${name} of sleep`)
      },
    }
  },
}
