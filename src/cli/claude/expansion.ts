import { text as wholeText } from 'node:stream/consumers'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { parseExpansion } from './hook-input.ts'
import { ownCommand } from './own-command.ts'
import { respond, type Response } from './respond.ts'
import { slashCommands } from './slash-commands.ts'

/** A slash command of the plugin, before Claude Code makes a prompt of it. What the person typed comes as text and goes on as a list of words: no shell sees it. */
export async function expansion(context: Context): Promise<number> {
  const input = parseExpansion(await wholeText(process.stdin))
  const command = slashCommands.get(ownCommand(input) ?? '')
  if (command === undefined) return EXIT.done
  context.output.json(outputOf(await respond({ ...context, cwd: input.cwd }, command, input.command_args)))
  return EXIT.done
}

function outputOf({ kind, text }: Response): Record<string, unknown> {
  if (kind === 'answer') return { decision: 'block', reason: text }
  return { hookSpecificOutput: { hookEventName: 'UserPromptExpansion', additionalContext: text } }
}
