import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Command } from '../command-spec.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import { writeDeclaration } from './outbox-file.ts'
import type { Declaration } from './outbox-file.ts'
import { commitsSinceBase, headCommit, uncommittedPaths } from './own-commits.ts'
import { requireWorktreeRoot } from './worktree-root.ts'

export const checkpoint = declaring('checkpoint')
export const done = declaring('done')
export const blocked = declaring('blocked')
export const tell = declaring('tell')

function declaring(kind: Declaration['kind']): Command {
  return async (context, invocation) => {
    const root = requireWorktreeRoot(context.cwd)
    const [message = ''] = invocation.words
    if (kind !== 'done' && message.trim() === '') throw usageFailure(`orch ${kind} needs a text.`)
    if (kind === 'done') await refuseUnfinished(root)
    const commit = await headCommit(root)
    const declaration: Declaration = { kind, at: new Date(context.now()).toISOString(), commit, message }
    const isDryRun = flag(invocation, 'dryRun')
    const file = isDryRun ? undefined : writeDeclaration(root, declaration)
    if (flag(invocation, 'json')) context.output.json({ schema: 1, ...declaration, file, isDryRun })
    else context.output.answer(`${isDryRun ? 'would say' : 'said'} ${kind}${commit === undefined ? '' : ` at ${commit.slice(0, 10)}`}`)
    return EXIT.done
  }
}

/** Done is a claim about one commit, so there must be one and nothing beside it. */
async function refuseUnfinished(root: string): Promise<void> {
  const open = await uncommittedPaths(root)
  if (open.length > 0) {
    const more = open.length > 5 ? ` and ${open.length - 5} more` : ''
    throw new Failure('uncommitted-work', `Not done: uncommitted work in ${plainLine(open.slice(0, 5).join(', '))}${more}.`, {
      safe: 'your files are as they were.',
      next: 'git add -A && git commit -m "…", then orch done',
    })
  }
  if ((await commitsSinceBase(root)) === 0) {
    throw new Failure('no-commit', 'Not done: this branch has no commit of its own yet.', {
      next: 'commit your work and run orch done again; if there is nothing to do, orch blocked "why"',
    })
  }
}
