import { text as wholeText } from 'node:stream/consumers'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { parseExpansion } from './hook-input.ts'
import { makeOrchestrator } from './news/orchestrators.ts'
import { ownCommand } from './own-command.ts'
import { respond, type Response } from './respond.ts'
import { slashCommands } from './slash-commands.ts'

/** A slash command of the plugin, before Claude Code makes a prompt of it. What the person typed comes as text and goes on as a list of words: no shell sees it. */
export async function expansion(context: Context): Promise<number> {
  const input = parseExpansion(await wholeText(process.stdin))
  const own = ownCommand(input)
  const command = slashCommands.get(own?.name ?? '')
  if (own === undefined || command === undefined) return EXIT.done
  const response = await respond({ ...context, cwd: input.cwd }, command, input.command_args)
  if (response.kind === 'facts') makeOrchestrator(context.home, input.session_id)
  context.output.json(outputOf(own.isStub && response.kind === 'facts' ? await withInstructions(own.name, response) : response))
  return EXIT.done
}

async function withInstructions(name: string, { kind, text }: Response): Promise<Response> {
  const { instructionsOf } = await import('./plugin-files.ts')
  return { kind, text: `${instructionsOf(name)}\n\n${text}` }
}

function outputOf({ kind, text }: Response): Record<string, unknown> {
  if (kind === 'answer') return { decision: 'block', reason: text }
  return { hookSpecificOutput: { hookEventName: 'UserPromptExpansion', additionalContext: text } }
}
