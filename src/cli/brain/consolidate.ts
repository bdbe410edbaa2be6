import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { BRAIN_FOLDERS } from '../../domain/brain/learning.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { addLearnings, ensureRealFolders, loadBrain, loadLearned, requireProject } from './project-brain.ts'

/** The one command that writes learnings into the person's checkout. It adds files and changes none; the commit is theirs. */
export async function consolidate(context: Context, invocation: Invocation): Promise<number> {
  const { root, project } = requireProject(context)
  if (statSync(join(root, '.git'), { throwIfNoEntry: false }) === undefined)
    throw new Failure('bare-repository', `${root} has no checkout to write into.`, { next: 'orch brain shows what was learned' })
  const isDryRun = flag(invocation, 'dryRun')
  const known = new Set((await loadLearned(root)).map(({ name }) => name))
  const missing = (await loadBrain(context.home, project)).filter(({ name }) => !known.has(name))
  const folder = join(...BRAIN_FOLDERS)
  if (!isDryRun && missing.length > 0) {
    const added = await addLearnings(await ensureRealFolders(root, BRAIN_FOLDERS), missing)
    // As everything that is in git.
    for (const name of added) chmodSync(join(root, folder, name), 0o644)
  }
  const files = missing.map(({ name }) => join(folder, name))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, repository: root, files, isDryRun })
  else if (files.length === 0) context.output.answer('nothing new: the repository has all of it')
  else {
    for (const file of files) context.output.answer(`${isDryRun ? 'would write' : 'wrote'} ${plainLine(file)}`)
    // orch keeps the folder of worktrees out of their branches, so git wants to be told.
    if (!isDryRun) context.output.note(`Next: look at them, then git add --force ${folder} && git commit`)
  }
  return EXIT.done
}
