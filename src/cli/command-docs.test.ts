import { expect, test } from 'vitest'
import { renderCommandGuide } from './command-docs.ts'
import type { CommandSpec } from './command-spec.ts'
import { commands } from './command-table.ts'
import { buildProgram } from './program/program.ts'

test('the guide in the repository is the one the table gives', async () => {
  await expect(renderCommandGuide(commands)).toMatchFileSnapshot('../../docs/guide/command-line.md')
})

const examples = commands.flatMap((spec) => spec.examples.map((example) => [example, spec] as const))

test.each(examples)('the example `%s` is one that the program takes', async (example, spec) => {
  expect(await called(example)).toBe(spec.name)
})

test('an example with an option that is gone is found', async () => {
  await expect(called('orch run --no-such-flag')).rejects.toThrow('unknown option')
  await expect(called('orch spawn')).rejects.toThrow('missing required argument')
})

/** The command that the example's `orch …` part would run; throws what the program would complain of. */
async function called(example: string): Promise<string | undefined> {
  const [, line = ''] = /\borch ([^|>)]*)/.exec(example) ?? []
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
  let found: CommandSpec | undefined
  const program = buildProgram(commands, async (spec) => void (found = spec))
  for (const command of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)])
    command.exitOverride().configureOutput({ writeErr: () => undefined })
  await program.parseAsync(words, { from: 'user' })
  return found?.name
}
