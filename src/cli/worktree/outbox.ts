import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import type { Command } from '../command-spec.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { writeOutboxFile, type TimedFile } from './outbox-file.ts'
import { commitsSinceBase, headCommit, uncommittedPaths } from './own-commits.ts'
import { exchangeFolder, requireWorktreeRoot } from './worktree-root.ts'

export const checkpoint = claiming('checkpoint')
export const done = claiming('done')
export const blocked = claiming('blocked')

/** Leaves it for the daemon. `what` is what the answer says of it, after `said` or `would say`. */
export function leave(context: Context, invocation: Invocation, root: string, said: Omit<TimedFile, 'at'>, what: string): number {
  const isDryRun = flag(invocation, 'dryRun')
  const timed = { ...said, at: new Date(context.now()).toISOString() }
  const file = isDryRun ? undefined : writeOutboxFile(exchangeFolder(root, 'outbox'), timed)
  const { text: message, ...facts } = timed
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...facts, message, file, isDryRun })
  else context.output.answer(`${isDryRun ? 'would say' : 'said'} ${what}`)
  return EXIT.done
}

/** A word about the own work, at one commit. */
function claiming(kind: 'checkpoint' | 'done' | 'blocked'): Command {
  return async (context, invocation) => {
    const root = requireWorktreeRoot(context.cwd)
    const message = text(invocation, 'message') ?? invocation.words[0] ?? ''
    if (kind !== 'done' && message.trim() === '')
      throw usageFailure(`${kind === 'blocked' ? 'What blocks you' : 'A checkpoint'} needs a text.`, `orch ${kind} "…"`)
    if (kind !== 'blocked') await refuseUncommitted(root, kind)
    if (kind === 'done') await refuseNoCommit(root)
    const commit = await headCommit(root)
    const what = `${kind}${commit === undefined ? '' : ` at ${commit.slice(0, 10)}`}`
    return leave(context, invocation, root, { kind, ...(commit !== undefined && { commit }), text: message }, what)
  }
}

/** It is a claim about one commit, so there must be nothing beside it. */
async function refuseUncommitted(root: string, kind: 'checkpoint' | 'done'): Promise<void> {
  const open = await uncommittedPaths(root)
  if (open.length === 0) return
  const more = open.length > 5 ? ` and ${open.length - 5} more` : ''
  const not = kind === 'done' ? 'Not done' : 'No checkpoint'
  throw new Failure('uncommitted-work', `${not}: uncommitted work in ${plainLine(open.slice(0, 5).join(', '))}${more}.`, {
    safe: 'your files are as they were.',
    next: `git add -A && git commit -m "…", then orch ${kind}`,
  })
}

async function refuseNoCommit(root: string): Promise<void> {
  if ((await commitsSinceBase(root)) !== 0) return
  throw new Failure('no-commit', 'Not done: this branch has no commit of its own yet.', {
    next: 'commit your work and run orch done again; if there is nothing to do, orch blocked "why"',
  })
}
