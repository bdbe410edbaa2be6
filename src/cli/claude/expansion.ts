import { text as wholeText } from 'node:stream/consumers'
import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { runInside } from '../program/run-inside.ts'
import { parseExpansion } from './hook-input.ts'

/** A slash command of the plugin, before Claude Code makes a prompt of it: answered here without the model, or given facts. */
export async function expansion(context: Context): Promise<number> {
  const input = parseExpansion(await wholeText(process.stdin))
  if (input.command_name !== 'orch:status') return EXIT.done
  const { answers, notes } = await runInside({ ...context, cwd: input.cwd }, ['status'])
  context.output.json({ decision: 'block', reason: plainBlock(`${answers}${notes}`) })
  return EXIT.done
}
