import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireWorktreeRoot } from './worktree-root.ts'

/** Shown first, filed after: a crash in between shows a message twice, never loses it. */
export async function inbox(context: Context, invocation: Invocation): Promise<number> {
  const folder = join(requireWorktreeRoot(context.cwd), '.orch', 'inbox')
  const messages = namesIn(join(folder, 'new')).map((name) => ({ name, text: readFileSync(join(folder, 'new', name), 'utf8') }))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, messages })
  else if (messages.length === 0) context.output.note('nothing new')
  else for (const { text } of messages) context.output.answer(plainBlock(text).trimEnd())
  if (flag(invocation, 'dryRun') || messages.length === 0) return EXIT.done
  mkdirSync(join(folder, 'cur'), { recursive: true })
  for (const { name } of messages) renameSync(join(folder, 'new', name), join(folder, 'cur', name))
  return EXIT.done
}

function namesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
}
