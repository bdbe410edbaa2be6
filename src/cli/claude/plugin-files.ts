import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ownMark } from './own-command.ts'

/** The folder with the marketplace: three up from here, in src/cli/claude as in dist/cli/claude. */
export const marketplaceFolder = resolve(import.meta.dirname, '../../..')

/** Commands without a namespace, which only files of the repository itself can be; by their path in it. */
export function repositoryCommands(): Readonly<Record<string, string>> {
  return Object.fromEntries(WITHOUT_NAMESPACE.map((name) => [`.claude/commands/${name}.md`, stubOf(name)]))
}

const WITHOUT_NAMESPACE = ['create-feature', 'merge'] as const

/** What the plugin's own command tells the model; what was typed stands in the prompt already. */
export function instructionsOf(name: string): string {
  return commandText(name).replace(FRONT_MATTER, '').replace(' They typed: $ARGUMENTS', '').trim()
}

const FRONT_MATTER = /^---\n[^]*?\n---\n/

/** It only carries the name: what there is to do comes with the facts, from the plugin that is installed. */
function stubOf(name: string): string {
  const [front = ''] = FRONT_MATTER.exec(commandText(name)) ?? []
  return `${front.replace(/\n---\n$/, `\n${ownMark(name)}\n---\n`)}
The person typed \`/${name}\` of orch: $ARGUMENTS

What to do, and the facts, come with this prompt from the orch plugin. If they do not, do nothing: say that the plugin is not installed here, and that \`orch init --claude\` in a terminal says how.
`
}

function commandText(name: string): string {
  return readFileSync(join(marketplaceFolder, 'plugin', 'commands', `${name}.md`), 'utf8')
}
