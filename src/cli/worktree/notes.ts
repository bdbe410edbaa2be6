import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainBlock } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireWorktreeRoot } from './worktree-root.ts'

export async function notes(context: Context, invocation: Invocation): Promise<number> {
  const path = join(requireWorktreeRoot(context.cwd), 'AGENT_NOTES.md')
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
