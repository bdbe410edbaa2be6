import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { loadNotes } from '../tasks/agent-notes.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { worktreeRoot } from './worktree-root.ts'

/** In a worktree its own notes, or one more; elsewhere those of the task that is named. */
export async function notes(context: Context, invocation: Invocation): Promise<number> {
  const root = worktreeRoot(context.cwd)
  return root === undefined ? notesOf(context, invocation) : ownNotes(context, invocation, root)
}

async function notesOf(context: Context, invocation: Invocation): Promise<number> {
  const task = requireTask(context, invocation.words[0])
  rememberTask(context, task.handle)
  const found = await loadNotes(context.home, task)
  const changedAt = found && new Date(found.changedAt).toISOString()
  if (flag(invocation, 'json')) context.output.json({ schema: 1, handle: task.handle, text: found?.text ?? '', changedAt })
  else if (found === undefined) context.output.note('no notes yet')
  else context.output.answer(plainBlock(found.text).trimEnd())
  return EXIT.done
}

async function ownNotes(context: Context, invocation: Invocation, root: string): Promise<number> {
  const path = join(root, 'AGENT_NOTES.md')
  const [text] = invocation.words
  const before = load(path)
  if (text === undefined) {
    if (flag(invocation, 'json')) context.output.json({ schema: 1, path, text: before })
    else if (before === '') context.output.note('no notes yet')
    else context.output.answer(plainBlock(before).trimEnd())
    return EXIT.done
  }
  if (text.trim() === '') throw usageFailure('There is nothing to note.')
  const isDryRun = flag(invocation, 'dryRun')
  if (!isDryRun) appendFileSync(path, `${before === '' || before.endsWith('\n') ? '' : '\n'}${text}\n`)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, path, added: text, isDryRun })
  else context.output.answer(isDryRun ? 'would be noted' : 'noted')
  return EXIT.done
}

function load(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
