import * as v from 'valibot'
import type { GatheredTests } from '../gathered-tests.ts'

/** The events of `go test -json`. `module` is the path that go.mod gives the repository; places in messages are relative to the package. Answers the text. */
export function readGo(text: string, tests: GatheredTests, module: string | undefined): string {
  const printed = new Map<string, string[]>()
  const failedParents = new Set<string>()
  const whole: string[] = []
  for (const line of text.split('\n')) {
    const event = parse(line)
    if (event === undefined) {
      whole.push(line, '\n')
      continue
    }
    const { Action: action, Package: name = '', Test: test, Output: output = '' } = event
    const key = `${name} ${test ?? ''}`
    if (action === 'output') {
      whole.push(output)
      printed.set(key, [...(printed.get(key) ?? []).slice(-200), output])
    }
    if (test === undefined) {
      const said = printed.get(key)?.join('')
      const isUntold = action === 'fail' && !failedParents.has(name)
      if (isUntold) tests.fail({ names: [name], ...(said !== undefined && { message: said }) }, { base: folderOf(name, module) })
      continue
    }
    if (action === 'skip') tests.skip()
    if (action === 'pass') tests.pass({ names: [name, test] })
    if (action !== 'fail') continue
    failedParents.add(name)
    const parent = test.slice(0, Math.max(0, test.lastIndexOf('/')))
    if (parent !== '') failedParents.add(`${name} ${parent}`)
    if (!failedParents.has(key))
      tests.fail({ names: [name, test], message: printed.get(key)?.join('') ?? '' }, { base: folderOf(name, module) })
  }
  return whole.join('')
}

/** A package outside of the module has its places nowhere in the repository. */
function folderOf(name: string, module: string | undefined): string {
  if (module === undefined || name === module) return ''
  return name.startsWith(`${module}/`) ? name.slice(module.length + 1) : ''
}

const Event = v.object({
  Action: v.string(),
  Package: v.optional(v.string()),
  Test: v.optional(v.string()),
  Output: v.optional(v.string()),
})

function parse(line: string): v.InferOutput<typeof Event> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return v.parse(Event, JSON.parse(line))
  } catch {
    return undefined
  }
}
