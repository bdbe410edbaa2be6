import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseBoardFile } from '../../domain/board/board-file.ts'
import { renderMail } from '../../domain/board/mail.ts'
import { nameOf } from '../../domain/board/party.ts'
import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { exchangeFolder, requireWorktreeRoot } from './worktree-root.ts'

/** Shown first, filed after: a crash in between shows a message twice, never loses it. */
export async function inbox(context: Context, invocation: Invocation): Promise<number> {
  const root = requireWorktreeRoot(context.cwd)
  const [fresh, read] = [exchangeFolder(root, 'inbox', 'new'), exchangeFolder(root, 'inbox', 'cur')]
  const messages = namesIn(fresh).map((name) => ({ name, text: readFileSync(join(fresh, name), 'utf8') }))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, messages })
  else if (messages.length === 0) context.output.note('nothing new')
  else for (const { text } of messages) context.output.answer(shown(text))
  if (flag(invocation, 'dryRun') || messages.length === 0) return EXIT.done
  mkdirSync(read, { recursive: true })
  for (const { name } of messages) renameSync(join(fresh, name), join(read, name))
  return EXIT.done
}

/** A message of the board as its session would hear it; anything else as it is. */
function shown(text: string): string {
  const message = parseBoardFile(text)
  return message === undefined ? plainBlock(text).trimEnd() : renderMail(message, (party) => nameOf(party, message))
}

/** `m9` comes before `m10`. */
function namesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
