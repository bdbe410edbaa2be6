import type { CommandSpec } from './command-spec.ts'
import { EXIT } from './failures.ts'

/** The guide's page; a test keeps docs/guide/command-line.md equal to it. */
export function renderCommandGuide(specs: readonly CommandSpec[]): string {
  const shown = specs.filter((spec) => spec.isHidden !== true)
  const groups = [...new Set(shown.map((spec) => spec.group))]
  const sections = groups.map((group) =>
    [`## ${group.replace(/:$/, '')}`, ...shown.filter((spec) => spec.group === group).map(renderCommand)].join('\n\n'),
  )
  return `${[HEAD, ...sections].join('\n\n')}\n`
}

const HEAD = `# The command line

\`orch <command> --help\` says the same in the terminal. Answers go to stdout, narration to stderr.

**Names.** A task is called by its name in the backlog (\`api\`), its handle (\`shop.api\`: repository, dot, task), its branch, or its worktree's folder.
\`-\` is the last one that a command was about. Where one task is meant, no name means the worktree you stand in.

**Exit codes.** ${EXIT.done} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.needsHuman} needs a human, ${EXIT.interrupted} and ${EXIT.terminated} interrupted.

**\`--json\`** prints one object with its \`schema\` (the event stream of \`logs --follow\` one object a line); an error is an object too, with \`code\`, \`message\` and \`next\`.

**\`--no-color\`** works everywhere, as does the variable \`NO_COLOR\`.`

function renderCommand(spec: CommandSpec): string {
  const usage = spec.usage ?? [spec.options.length > 0 ? '[options]' : '', spec.operands].filter((part) => part !== '').join(' ')
  const options = spec.options.map(([flags, summary]) => `| \`${cell(flags)}\` | ${cell(summary)} |`)
  return [
    `### orch ${spec.name}`,
    sentence(spec.summary),
    `Usage: \`orch ${`${spec.name} ${usage}`.trim()}\``,
    ...(options.length > 0 ? [['| option | effect |', '|---|---|', ...options].join('\n')] : []),
    ...(spec.examples.length > 0 ? [`Examples: ${spec.examples.map((example) => `\`${example}\``).join(' · ')}`] : []),
  ].join('\n\n')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
