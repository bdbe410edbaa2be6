import { closeSync, constants, lstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainBlock, plainLine } from '../../foundation/text.ts'
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
  if (!isDryRun) append(path, `${before === '' || before.endsWith('\n') ? '' : '\n'}${text}\n`)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, path, added: text, isDryRun })
  else context.output.answer(isDryRun ? 'would be noted' : 'noted')
  return EXIT.done
}

/** Whoever works in the worktree may have put anything there: no link is followed, and nothing that would make the reader wait is opened. */
function load(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return ''
  if (stat.isFile()) return readFileSync(path, 'utf8')
  throw new Failure('not-a-file', `${plainLine(path, 4096)} is no plain file, so it is not read and not written.`, {
    safe: 'it is as it was, and so is what it may lead to',
    next: 'remove it, then try again',
  })
}

function append(path: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644)
  try {
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
}
