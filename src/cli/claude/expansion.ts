import { text as wholeText } from 'node:stream/consumers'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { parseExpansion } from './hook-input.ts'
import { makeOrchestrator } from './news/orchestrators.ts'
import { ownCommand } from './own-command.ts'
import { respond } from './respond.ts'
import { slashCommands } from './slash-commands.ts'

/** A slash command of the plugin, before Claude Code makes a prompt of it. What the person typed comes as text and goes on as a list of words: no shell sees it. */
export async function expansion(context: Context): Promise<number> {
  const input = parseExpansion(await wholeText(process.stdin))
  const own = ownCommand(input)
  const command = slashCommands.get(own?.name ?? '')
  if (own === undefined || command === undefined) return EXIT.done
  const response = await respond({ ...context, cwd: input.cwd }, command, input.command_args)
  if (response.kind === 'answer') {
    context.output.json({ decision: 'block', reason: response.text })
    return EXIT.done
  }
  if (response.leads) makeOrchestrator(context.home, input.session_id)
  const additionalContext = own.isStub ? `${await instructionsOf(own.name)}\n\n${response.text}` : response.text
  context.output.json({ hookSpecificOutput: { hookEventName: 'UserPromptExpansion', additionalContext } })
  return EXIT.done
}

/** A file of the repository has only the name; the plugin says what to do. */
async function instructionsOf(name: string): Promise<string> {
  return (await import('./plugin-files.ts')).instructionsOf(name)
}
